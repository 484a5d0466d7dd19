import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ANSWER_MOST, type Answer, reviseTranscript, type Turn } from "../api/interview";
import { problemOf } from "../api/problems";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import { useLookAgain } from "./interviewState";

const UNSURE = 0.6;

/** One question with its answer, to be read and corrected. */
export function TurnCard({ turn, language }: { turn: Turn; language: string }) {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  const answer = turn.answer;
  if (answer === null) return null;
  const original = answer.revisions[0]?.text ?? "";
  return (
    <article className="card stack" aria-label={t("review.answerN", { number: turn.number })}>
      <h2 lang={language}>{turn.question?.text}</h2>
      {editing ? (
        <Correction turn={turn} answer={answer} onDone={() => setEditing(false)} />
      ) : (
        <>
          <Words answer={answer} language={language} />
          {original !== answer.text && (
            <details>
              <summary>{t("review.original")}</summary>
              <p className="pre muted">{original}</p>
            </details>
          )}
          {answer.remark !== "" && <p className="muted">{t("review.remarkIs", { remark: answer.remark })}</p>}
          <div>
            <Button kind="plain" onClick={() => setEditing(true)}>
              {t("review.correct")}
            </Button>
          </div>
        </>
      )}
    </article>
  );
}

/** The answer; words that speech to text was unsure of are marked while nobody has corrected them. */
function Words({ answer, language }: { answer: Answer; language: string }) {
  const { t } = useTranslation();
  if (answer.text === "") return <p className="muted">{t("review.none")}</p>;
  const heard = answer.modality === "voice" && answer.revisions.length === 1 && answer.words.length > 0;
  if (!heard) {
    return (
      <p className="pre" lang={language} dir="auto">
        {answer.text}
      </p>
    );
  }
  return (
    <p lang={language} dir="auto">
      {answer.words.map((word, index) => {
        const key = `${word.start_seconds} ${index}`;
        return word.confidence < UNSURE ? (
          <mark key={key} title={t("review.unsure")}>
            {word.text}{" "}
          </mark>
        ) : (
          <span key={key}>{word.text} </span>
        );
      })}
    </p>
  );
}

function Correction({ turn, answer, onDone }: { turn: Turn; answer: Answer; onDone: () => void }) {
  const { t } = useTranslation();
  const lookAgain = useLookAgain();
  const id = useId();
  const [text, setText] = useState(answer.text);
  const [remark, setRemark] = useState(answer.remark);
  const revision = answer.revisions.at(-1)?.revision ?? 1;
  const saving = useMutation({
    mutationFn: () => reviseTranscript(turn.turn_id, revision, text, remark),
    onSuccess: () => {
      lookAgain();
      onDone();
    },
    onError: lookAgain,
  });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!saving.isPending) saving.mutate();
      }}
    >
      <label htmlFor={`${id}text`}>{t("review.text")}</label>
      <textarea
        id={`${id}text`}
        className="field answer"
        dir="auto"
        maxLength={ANSWER_MOST}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <label htmlFor={`${id}remark`}>{t("review.remark")}</label>
      <textarea
        id={`${id}remark`}
        className="field"
        dir="auto"
        maxLength={4000}
        value={remark}
        onChange={(event) => setRemark(event.target.value)}
      />
      {saving.error !== null && (
        <Notice tone="bad" live>
          {t(why(problemOf(saving.error).reason))}
        </Notice>
      )}
      <div className="row">
        <Button type="submit" busy={saving.isPending}>
          {t("review.save")}
        </Button>
        <Button kind="plain" onClick={onDone}>
          {t("dialog.cancel")}
        </Button>
      </div>
    </form>
  );
}

function why(reason: string): "review.stale" | "review.frozen" | "review.notSaved" {
  if (reason === "PRECONDITION_FAILED" || reason === "STALE_REVISION") return "review.stale";
  return reason === "TRANSCRIPT_FROZEN" ? "review.frozen" : "review.notSaved";
}
