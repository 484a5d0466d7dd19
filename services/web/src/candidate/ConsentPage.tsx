import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Interview, type Purpose, recordConsents } from "../api/interview";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import { Page } from "../ui/Page";
import { purposesOf, saidIn, TEXT_VERSION } from "./consents";
import { useTakeIn } from "./interviewState";
import { keep, kept } from "./onDevice";
import { Unconfirmed, useSend, Waiting } from "./useSend";

/** Yes or no, purpose by purpose; nothing is chosen beforehand. */
export function ConsentPage({ interview, onDone }: { interview: Interview; onDone: () => void }) {
  const { t } = useTranslation();
  const takeIn = useTakeIn();
  const purposes = purposesOf(interview.mode);
  const place = `consents.${interview.interview_id}`;
  const [said, setSaid] = useState(() => chosen(kept(place), purposes) ?? saidIn(interview));
  const [pressed, setPressed] = useState(false);
  const recording = useSend(
    (what: Map<Purpose, boolean>) => recordConsents(what, TEXT_VERSION),
    (changed) => {
      keep(place, null);
      takeIn(changed);
      if (changed.state !== "invited") onDone();
    },
    { pressed: { place: `pressed.consents.${interview.interview_id}`, called: () => t("consent.goOn") } },
  );
  const say = (purpose: Purpose, granted: boolean) => {
    const now = new Map(said).set(purpose, granted);
    setSaid(now);
    keep(place, { version: TEXT_VERSION, said: [...now] });
  };
  const missing = purposes.filter((purpose) => !said.has(purpose));
  const refused = said.get("transcribe") === false;
  return (
    <Page title={t("consent.title")} lead={<p>{t("consent.lead")}</p>}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          setPressed(true);
          if (missing.length === 0) recording.send(said);
        }}
      >
        {purposes.map((purpose) => (
          <Choice
            key={purpose}
            purpose={purpose}
            said={said.get(purpose)}
            locked={recording.busy}
            onSay={(granted) => say(purpose, granted)}
          />
        ))}
        {refused && (
          <Notice tone="warn" title={t("consent.refused.title")} live>
            <p>{t("consent.refused.what")}</p>
          </Notice>
        )}
        {pressed && missing.length > 0 && (
          <Notice tone="bad" live>
            {t("consent.missing", { count: missing.length })}
          </Notice>
        )}
        <Unconfirmed of={recording} />
        <Waiting of={recording} />
        {recording.problem !== null && (
          <Notice tone="bad" live>
            {t("consent.failed")}
          </Notice>
        )}
        <div className="row">
          <Button type="submit" busy={recording.busy}>
            {t("consent.goOn")}
          </Button>
        </div>
        <p className="small muted">{t("consent.version", { version: TEXT_VERSION })}</p>
      </form>
    </Page>
  );
}

/** What was chosen on this device of these very words, and not sent. */
function chosen(found: unknown, purposes: readonly Purpose[]): Map<Purpose, boolean> | null {
  if (typeof found !== "object" || found === null) return null;
  const { version, said } = found as Record<string, unknown>;
  if (version !== TEXT_VERSION || !Array.isArray(said)) return null;
  const known = said.filter(
    (one): one is [Purpose, boolean] =>
      Array.isArray(one) && purposes.includes(one[0]) && typeof one[1] === "boolean",
  );
  return new Map(known);
}

function Choice({
  purpose,
  said,
  locked,
  onSay,
}: {
  purpose: Purpose;
  said: boolean | undefined;
  locked: boolean;
  onSay: (granted: boolean) => void;
}) {
  const { t } = useTranslation();
  return (
    <fieldset className="card stack-tight">
      <legend className="choice-title">{t(`consent.purposes.${purpose}.title`)}</legend>
      <p>{t(`consent.purposes.${purpose}.what`)}</p>
      <p className="muted small">{t(`consent.purposes.${purpose}.without`)}</p>
      <div className="row">
        {[true, false].map((granted) => (
          <label key={String(granted)} className="option">
            <input
              type="radio"
              name={purpose}
              checked={said === granted}
              disabled={locked}
              onChange={() => onSay(granted)}
            />
            {t(granted ? "consent.yes" : "consent.no")}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
