import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Answer, Interview, Turn } from "../api/interview";
import { Notice } from "../ui/Notice";
import { Page } from "../ui/Page";
import { Answering } from "./Answering";
import { useLive } from "./interviewState";
import { openTurn } from "./steps";
import { TimeLeft } from "./TimeLeft";

/** One question at a time, and the answer to it. */
export function InterviewPage({ interview }: { interview: Interview }) {
  const { t } = useTranslation();
  const turn = openTurn(interview);
  const progress = interview.progress;
  return (
    <Page title={t("interview.title")}>
      {progress !== null && (
        <div className="stack-tight">
          <div className="row apart">
            <p>
              {t("interview.topic", {
                at: Math.min(Math.max(progress.topics_begun, 1), progress.topics_planned),
                of: progress.topics_planned,
              })}
            </p>
            {interview.ends_at !== null && <TimeLeft endsAt={interview.ends_at} />}
          </div>
          <progress
            className="topics"
            aria-label={t("interview.progress")}
            max={progress.topics_planned}
            value={Math.max(progress.topics_begun - 1, 0)}
          />
        </div>
      )}
      {turn === null || turn.answer?.state !== "open" ? (
        <Writing turn={turn} first={interview.turns.length <= 1} />
      ) : (
        <Asked key={turn.turn_id} turn={turn} answer={turn.answer} interview={interview} />
      )}
    </Page>
  );
}

/** The question is being written: what is there of it so far, word by word. */
function Writing({ turn, first }: { turn: Turn | null; first: boolean }) {
  const { t } = useTranslation();
  const { writing } = useLive();
  const text = writing !== null && writing.turnId === turn?.turn_id ? writing.text : "";
  return (
    <div className="card stack">
      <p className="working" role="status">
        {t(first ? "interview.firstQuestion" : "interview.nextQuestion")}
      </p>
      {text !== "" && (
        <p className="question" aria-hidden="true">
          {text}
        </p>
      )}
    </div>
  );
}

function Asked({ turn, answer, interview }: { turn: Turn; answer: Answer; interview: Interview }) {
  const { t } = useTranslation();
  const question = useRef<HTMLHeadingElement>(null);
  const before = interview.turns.find((one) => one.number === turn.number - 1);
  useEffect(() => question.current?.focus(), []);
  return (
    <div className="card stack">
      {before?.answer?.closed_by === "silence" && <Notice>{t("voice.silence")}</Notice>}
      <h2 className="question" ref={question} tabIndex={-1} lang={interview.language ?? "en"} id="question">
        {turn.question?.text ?? ""}
      </h2>
      <Answering turn={turn} answer={answer} interview={interview} />
    </div>
  );
}
