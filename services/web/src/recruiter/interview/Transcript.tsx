import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Answer, Interview, Turn } from "../../api/interviews";
import { Button } from "../../ui/Button";
import { AnswerSound } from "./AnswerSound";
import { type Marked, useMarking } from "./marked";
import { type Piece, pieces, shownVersions, timeCode, unsureWords, type Version } from "./passages";

/** Every question with its answer; what the candidate corrected stands beside what was said first. */
export function Transcript({ interview }: { interview: Interview }) {
  const language = interview.language ?? "en";
  return interview.turns
    .filter(({ question }) => question !== null && question.text !== "")
    .map((turn) => (
      <TurnCard key={turn.turn_id} interviewId={interview.interview_id} turn={turn} language={language} />
    ));
}

function TurnCard({ interviewId, turn, language }: { interviewId: string; turn: Turn; language: string }) {
  const { t } = useTranslation();
  const { answer, question } = turn;
  return (
    <article className="card stack" aria-label={t("reviewer.transcript.turn", { number: turn.number })}>
      <div className="stack-tight">
        <p className="row small muted">
          <span>{t("reviewer.transcript.turn", { number: turn.number })}</span>
          {turn.competency !== null && <span lang={language}>{turn.competency.title}</span>}
          {turn.intent === "follow_up" && <span>{t("reviewer.transcript.followUp")}</span>}
          {question?.origin?.source === "bank" && <span>{t("reviewer.transcript.bank")}</span>}
        </p>
        <h3 lang={language}>{question?.text}</h3>
      </div>
      {answer === null || answer.text === "" ? (
        <p className="muted">{t("reviewer.transcript.noAnswer")}</p>
      ) : (
        <AnswerText turn={turn} answer={answer} language={language} />
      )}
      {answer?.modality === "voice" && (
        <AnswerSound interviewId={interviewId} turnId={turn.turn_id} number={turn.number} />
      )}
      {answer !== null && answer.remark !== "" && (
        <div className="notice notice-plain stack-tight">
          <strong>{t("reviewer.transcript.remark")}</strong>
          <p className="pre" dir="auto">
            {answer.remark}
          </p>
        </div>
      )}
      {answer !== null && <Line answer={answer} />}
    </article>
  );
}

function AnswerText({ turn, answer, language }: { turn: Turn; answer: Answer; language: string }) {
  const { t } = useTranslation();
  const { original, corrected } = shownVersions(answer);
  const shared = { turn, answer, language };
  if (corrected === null) return <Text version={original} {...shared} />;
  return (
    <div className="versions">
      <div className="stack-tight">
        <h4>{t("reviewer.transcript.corrected")}</h4>
        <Text version={corrected} {...shared} />
      </div>
      <div className="stack-tight">
        <h4>{t("reviewer.transcript.original")}</h4>
        <Text version={original} {...shared} />
      </div>
    </div>
  );
}

/** The words of one version, with the quote that is looked at and the words that may have been misheard. */
function Text({
  version,
  turn,
  answer,
  language,
}: {
  version: Version;
  turn: Turn;
  answer: Answer;
  language: string;
}) {
  const { t } = useTranslation();
  const { marked } = useMarking();
  const here =
    marked !== null && marked.turnId === turn.turn_id && marked.passage.revision === version.revision
      ? marked
      : null;
  const heard = answer.modality === "voice" && version.revision === answer.revisions[0]?.revision;
  const unsure = heard ? unsureWords(answer, version.text) : [];
  const cut = pieces(version.text, here?.passage ?? null, unsure);
  return (
    <>
      <p className="pre" lang={language} dir="auto">
        {cut.map((piece) => (
          <Words
            key={piece.start}
            piece={piece}
            jumpedTo={here !== null && piece.start === here.passage.start ? here : null}
          />
        ))}
      </p>
      {here !== null && (
        <div>
          <Button kind="plain" onClick={here.back}>
            {t("reviewer.transcript.back")}
          </Button>
        </div>
      )}
    </>
  );
}

function Words({ piece, jumpedTo }: { piece: Piece; jumpedTo: Marked | null }) {
  const { t } = useTranslation();
  const words = piece.unsure ? (
    <span className="unsure" title={t("review.unsure")}>
      {piece.text}
    </span>
  ) : (
    piece.text
  );
  if (!piece.marked) return words;
  if (jumpedTo !== null) return <FirstMark marked={jumpedTo}>{words}</FirstMark>;
  return <mark className="quoted">{words}</mark>;
}

/** The beginning of the quoted words: it comes into sight and takes the focus. */
function FirstMark({ marked, children }: { marked: Marked; children: ReactNode }) {
  const mark = useRef<HTMLElement>(null);
  const { count } = marked;
  useEffect(() => {
    if (count === 0) return;
    mark.current?.scrollIntoView({ block: "center" });
    mark.current?.focus({ preventScroll: true });
  }, [count]);
  return (
    <mark ref={mark} className="quoted" tabIndex={-1} data-quoted>
      {children}
    </mark>
  );
}

/** How the answer came in: typed or spoken, how sure speech to text was, and where the line or the sound broke. */
function Line({ answer }: { answer: Answer }) {
  const { t } = useTranslation();
  const { modality, confidence, gaps, line, line_faults } = answer;
  if (modality === null) return null;
  const sure =
    modality === "voice" && confidence !== null
      ? t("reviewer.transcript.confidence", { percent: Math.round(confidence * 100) })
      : null;
  return (
    <div className="small muted stack-tight">
      <p>{[t(`reviewer.transcript.modality.${modality}`), sure].filter(Boolean).join(" · ")}</p>
      {line_faults.length > 0 && (
        <p>
          {t("reviewer.transcript.line.title")}{" "}
          {line_faults
            .map((fault) =>
              t(`reviewer.transcript.line.${fault}`, {
                percent: Math.round(100 * (line?.loss ?? 0)),
                milliseconds: Math.round(line?.jitter_ms ?? 0),
              }),
            )
            .join(" · ")}
        </p>
      )}
      {gaps.length > 0 && (
        <>
          <p>{t("reviewer.transcript.gaps", { count: gaps.length })}</p>
          <ul>
            {gaps.map(({ start_seconds, end_seconds }) => (
              <li key={`${start_seconds}`}>
                {timeCode(start_seconds ?? 0)}–{timeCode(end_seconds ?? start_seconds ?? 0)}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
