import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Interview, type Purpose, recordConsents } from "../api/interview";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import { Page } from "../ui/Page";
import { purposesOf, saidIn, TEXT_VERSION } from "./consents";
import { useTakeIn } from "./interviewState";

/** Yes or no, purpose by purpose; nothing is chosen beforehand. */
export function ConsentPage({ interview, onDone }: { interview: Interview; onDone: () => void }) {
  const { t } = useTranslation();
  const takeIn = useTakeIn();
  const purposes = purposesOf(interview.mode);
  const [said, setSaid] = useState(() => saidIn(interview));
  const [pressed, setPressed] = useState(false);
  const recording = useMutation({
    mutationFn: () => recordConsents(said, TEXT_VERSION),
    onSuccess: (changed) => {
      takeIn(changed);
      if (changed.state !== "invited") onDone();
    },
  });
  const missing = purposes.filter((purpose) => !said.has(purpose));
  const refused = said.get("transcribe") === false;
  return (
    <Page title={t("consent.title")} lead={<p>{t("consent.lead")}</p>}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          setPressed(true);
          if (missing.length === 0) recording.mutate();
        }}
      >
        {purposes.map((purpose) => (
          <Choice
            key={purpose}
            purpose={purpose}
            said={said.get(purpose)}
            onSay={(granted) => setSaid(new Map(said).set(purpose, granted))}
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
        {recording.error !== null && (
          <Notice tone="bad" live>
            {t("consent.failed")}
          </Notice>
        )}
        <div className="row">
          <Button type="submit" busy={recording.isPending}>
            {t("consent.goOn")}
          </Button>
        </div>
        <p className="small muted">{t("consent.version", { version: TEXT_VERSION })}</p>
      </form>
    </Page>
  );
}

function Choice({
  purpose,
  said,
  onSay,
}: {
  purpose: Purpose;
  said: boolean | undefined;
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
            <input type="radio" name={purpose} checked={said === granted} onChange={() => onSay(granted)} />
            {t(granted ? "consent.yes" : "consent.no")}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
