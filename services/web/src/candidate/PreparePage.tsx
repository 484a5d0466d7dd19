import { useTranslation } from "react-i18next";
import { type Interview, start } from "../api/interview";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import { Page } from "../ui/Page";
import { useTakeIn } from "./interviewState";
import { dropFile } from "./keptFile";
import { ResumeCard } from "./ResumeCard";
import { Unconfirmed, useSend, Waiting } from "./useSend";
import { VoiceCheck } from "./voice/VoiceCheck";

/** The last page before the clock runs: the résumé, if any, how to answer, and what to expect. */
export function PreparePage({ interview, onConsents }: { interview: Interview; onConsents: () => void }) {
  const { t } = useTranslation();
  const takeIn = useTakeIn();
  const starting = useSend(
    start,
    (started) => {
      void dropFile(interview.interview_id); // questions no longer ask for a résumé
      takeIn(started);
    },
    { pressed: { place: `pressed.start.${interview.interview_id}`, called: () => t("prepare.start") } },
  );
  return (
    <Page title={t("prepare.title")} lead={<p>{t("prepare.lead")}</p>}>
      <ResumeCard interview={interview} />
      <VoiceCheck interview={interview} />
      <div className="card stack">
        <h2>{t("prepare.how.title")}</h2>
        <ul>
          <li>{t("prepare.how.one")}</li>
          <li>{t("prepare.how.kept")}</li>
          <li>{t("prepare.how.own")}</li>
          <li>{t("prepare.how.review")}</li>
        </ul>
      </div>
      <Unconfirmed of={starting} />
      <Waiting of={starting} />
      {starting.problem !== null && (
        <Notice tone="bad" title={t("prepare.failed.title")} live>
          <p>{t("prepare.failed.what")}</p>
        </Notice>
      )}
      <div className="row">
        <Button onClick={() => starting.send()} busy={starting.busy}>
          {t(starting.busy ? "prepare.starting" : "prepare.start")}
        </Button>
        <Button kind="plain" onClick={onConsents}>
          {t("prepare.consents")}
        </Button>
      </div>
    </Page>
  );
}
