import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Interview, RESUME_MOST, uploadResume } from "../api/interview";
import { Problem } from "../api/problems";
import { Notice } from "../ui/Notice";
import { useLookAgain } from "./interviewState";
import { dropFile, keepFile, keptFile } from "./keptFile";
import { useSend, Waiting } from "./useSend";

/** The résumé, if any. What was chosen and has not arrived is sent when the page is loaded again. */
export function ResumeCard({ interview }: { interview: Interview }) {
  const { t } = useTranslation();
  const lookAgain = useLookAgain();
  const field = useId();
  const id = interview.interview_id;
  const [name, setName] = useState<string | null>(null);
  const sending = useSend(
    async (file: File) => {
      // Looked at here, so that nobody waits for 300 MB to be refused.
      if (file.size > RESUME_MOST) throw new Problem(413, "TOO_LARGE", "larger than 5 MiB");
      return uploadResume(file);
    },
    (resume) => {
      void dropFile(id);
      setName(resume.file_name);
      lookAgain();
    },
    {
      refused: (problem) => {
        // Whose session has ended comes back with a new link, and the file goes out then.
        if (problem.status === 401) lookAgain();
        else if (!problem.passing) void dropFile(id);
      },
      pressed: { place: `pressed.resume.${id}`, called: (file) => file.name },
    },
  );
  const looked = useSendKept(id, sending.send);
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
            if (file === undefined) return;
            // Kept before it is sent, or it could be dropped too early; one that is refused anyway is not.
            const first = file.size <= RESUME_MOST ? keepFile(id, file) : Promise.resolve();
            void first.then(() => sending.send(file));
          }}
        />
      </label>
      {looked && sending.before !== null && (
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

/** Sends what was kept when the page is loaded; whether it was looked for. */
function useSendKept(interviewId: string, send: (file: File) => void): boolean {
  const [looked, setLooked] = useState(false);
  const now = useRef(send);
  now.current = send;
  useEffect(() => {
    let here = true;
    void keptFile(interviewId).then((file) => {
      if (!here) return;
      if (file !== null) now.current(file);
      setLooked(true);
    });
    return () => {
      here = false;
    };
  }, [interviewId]);
  return looked;
}

function why(problem: Problem): "large" | "unreadable" {
  return problem.status === 413 ? "large" : "unreadable";
}
