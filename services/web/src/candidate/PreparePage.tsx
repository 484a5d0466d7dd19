import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Interview, RESUME_MOST, start, uploadResume } from "../api/interview";
import { Problem } from "../api/problems";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import { Page } from "../ui/Page";
import { useLookAgain, useTakeIn } from "./interviewState";
import { Unconfirmed, useSend, Waiting } from "./useSend";
import { VoiceCheck } from "./voice/VoiceCheck";

/** The last page before the clock runs: the résumé, if any, how to answer, and what to expect. */
export function PreparePage({ interview, onConsents }: { interview: Interview; onConsents: () => void }) {
  const { t } = useTranslation();
  const takeIn = useTakeIn();
  const starting = useSend(start, takeIn, {
    pressed: { place: `pressed.start.${interview.interview_id}`, called: () => t("prepare.start") },
  });
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

function ResumeCard({ interview }: { interview: Interview }) {
  const { t } = useTranslation();
  const lookAgain = useLookAgain();
  const field = useId();
  const [name, setName] = useState<string | null>(null);
  const sending = useSend(
    async (file: File) => {
      // Looked at here, so that nobody waits for 300 MB to be refused.
      if (file.size > RESUME_MOST) throw new Problem(413, "TOO_LARGE", "larger than 5 MiB");
      return uploadResume(file);
    },
    (resume) => {
      setName(resume.file_name);
      lookAgain();
    },
    { pressed: { place: `pressed.resume.${interview.interview_id}`, called: (file) => file.name } },
  );
  const kept = name ?? interview.resume?.file_name ?? null;
  return (
    <div className="card stack">
      <h2>{t("resume.title")}</h2>
      <p>{t("resume.what")}</p>
      <label className="stack-tight" htmlFor={field}>
        <span>{t("resume.choose")}</span>
        <input
          id={field}
          className="field"
          type="file"
          accept=".pdf,.docx,.txt,application/pdf,text/plain"
          disabled={sending.busy}
          onChange={(event) => {
            const file = event.target.files?.[0];
            if (file !== undefined) sending.send(file);
          }}
        />
      </label>
      {sending.before !== null && (
        <Notice tone="warn" live>
          {t("resume.before", { name: sending.before })}
        </Notice>
      )}
      <Waiting of={sending} />
      {sending.busy && !sending.waiting && <Notice live>{t("resume.sending")}</Notice>}
      {!sending.busy && kept !== null && sending.problem === null && (
        <Notice tone="ok" live>
          {t("resume.kept", { name: kept })}
        </Notice>
      )}
      {sending.problem !== null && (
        <Notice tone="bad" title={t("resume.failed")} live>
          <p>{t(`resume.${why(sending.problem)}`)}</p>
        </Notice>
      )}
    </div>
  );
}

function why(problem: Problem): "large" | "unreadable" {
  return problem.status === 413 ? "large" : "unreadable";
}
