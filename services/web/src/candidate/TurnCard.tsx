import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Answer, Turn } from "../api/interview";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import { Correction, placeOf } from "./Correction";
import { clock } from "./clock";
import { kept } from "./onDevice";

/** Below it a word is marked where the position sets no threshold. */
const UNSURE = 0.6;

/**
 * One question with its answer, to be read and corrected.
 *
 * @param threshold the position's: below it an answer that was heard is not scored until it is corrected.
 */
export function TurnCard({ turn, language, threshold }: { turn: Turn; language: string; threshold: number }) {
  const { t } = useTranslation();
  // A correction that was not sent before a reload is open again.
  const [editing, setEditing] = useState(() => kept(placeOf(turn)) !== null);
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
          <Words answer={answer} language={language} unsure={threshold > 0 ? threshold : UNSURE} />
          <Missing answer={answer} />
          {heard(answer) && answer.confidence !== null && answer.confidence < threshold && (
            <Notice tone="warn" title={t("review.lowConfidence.title")}>
              <p>{t("review.lowConfidence.what")}</p>
            </Notice>
          )}
          {original !== "" && original !== answer.text && (
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

/** Whether the text is what speech to text heard, and no hand's. */
function heard(answer: Answer): boolean {
  return answer.words.length > 0 && answer.words.map((word) => word.text).join(" ") === answer.text;
}

/** What was spoken and is not in the text: said, never left out as if it had been a silence. */
function Missing({ answer }: { answer: Answer }) {
  const { t } = useTranslation();
  if (answer.gaps.length === 0 && answer.line_faults.length === 0) return null;
  return (
    <Notice tone="warn" title={t("review.missing.title")}>
      {answer.line_faults.length > 0 && <p>{t("review.missing.line")}</p>}
      {answer.gaps.length > 0 && (
        <ul>
          {answer.gaps.map((gap) => (
            <li key={gap.start_seconds}>
              {t("review.missing.gap", { start: clock(gap.start_seconds), end: clock(gap.end_seconds) })}
            </li>
          ))}
        </ul>
      )}
      <p>{t("review.missing.way")}</p>
    </Notice>
  );
}

function nothing(answer: Answer): "review.none" | "review.notWritten" | "review.toCome" {
  if (answer.gaps.length > 0) return "review.notWritten";
  return answer.modality === "voice" && answer.line === null ? "review.toCome" : "review.none";
}

/** The answer; words that speech to text was unsure of are marked while nobody has corrected them. */
function Words({ answer, language, unsure }: { answer: Answer; language: string; unsure: number }) {
  const { t } = useTranslation();
  if (answer.text === "") return <p className="muted">{t(nothing(answer))}</p>;
  if (!heard(answer)) {
    return (
      <p className="pre" lang={language} dir="auto">
        {answer.text}
      </p>
    );
  }
  return (
    <>
      <p lang={language} dir="auto">
        {answer.words.map((word, index) => {
          const key = `${word.start_seconds} ${index}`;
          return word.confidence < unsure ? (
            <mark key={key}>{word.text} </mark>
          ) : (
            <span key={key}>{word.text} </span>
          );
        })}
      </p>
      {answer.words.some((word) => word.confidence < unsure) && <p className="muted">{t("review.unsure")}</p>}
    </>
  );
}
