import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type {
  CompetencyReport,
  Criterion,
  CriterionScore,
  Interview,
  Quote,
  Report,
  Turn,
} from "../../api/interviews";
import { Button } from "../../ui/Button";
import { mayReview, useMe } from "../session";
import { moment, score as scoreText } from "../times";
import { HandScore } from "./HandScore";
import { useMarking } from "./marked";
import { findQuote, timeCode } from "./passages";
import { useSound } from "./sound";

/** Each competency with its criteria: the score of each answer, and the words that it rests on. */
export function Scores({ interview, report }: { interview: Interview; report: Report }) {
  return report.competencies.map((one) => (
    <Competency key={one.competency.competency_id} interview={interview} report={one} />
  ));
}

function Competency({ interview, report }: { interview: Interview; report: CompetencyReport }) {
  const { t } = useTranslation();
  const { competency, weight, total, criteria } = report;
  const language = interview.language ?? "en";
  return (
    <article className="card stack" aria-label={competency.title}>
      <div className="row apart">
        <h3 lang={language}>{competency.title}</h3>
        <span className="small muted">
          {t("reviewer.scores.weight", { percent: weight })} ·{" "}
          {total.score === undefined
            ? t("reviewer.scores.unscored")
            : t("reviewer.scores.ofFive", { score: scoreText(total.score) })}
        </span>
      </div>
      {criteria.every(({ turns }) => turns.length === 0) && (
        <p className="muted">{t("reviewer.scores.notAsked")}</p>
      )}
      {criteria
        .filter(({ turns }) => turns.length > 0)
        .map(({ criterion, turns }) => (
          <section key={criterion.criterion_id} className="criterion stack-tight">
            <h4 lang={language}>{criterion.title}</h4>
            {turns.map(({ turn_id }) => {
              const turn = interview.turns.find((each) => each.turn_id === turn_id);
              const given = turn?.evaluation?.scores.find(
                ({ criterion_id }) => criterion_id === criterion.criterion_id,
              );
              if (turn === undefined || given === undefined) return null;
              return (
                <OneScore
                  key={turn_id}
                  interviewId={interview.interview_id}
                  turn={turn}
                  criterion={criterion}
                  given={given}
                  language={language}
                />
              );
            })}
          </section>
        ))}
    </article>
  );
}

interface OneScoreProps {
  interviewId: string;
  turn: Turn;
  criterion: Criterion;
  given: CriterionScore;
  language: string;
}

function OneScore({ interviewId, turn, criterion, given, language }: OneScoreProps) {
  const { t } = useTranslation();
  const me = useMe();
  const [scoring, setScoring] = useState(false);
  const byHand = turn.human_scores.filter(({ criterion_id }) => criterion_id === criterion.criterion_id);
  return (
    <div className="stack-tight one-score">
      <p className="row">
        <span className="small muted">{t("reviewer.transcript.turn", { number: turn.number })}</span>
        {given.score === null ? (
          <>
            <span className="tag tag-warn">{t("reviewer.scores.unscored")}</span>
            {given.unscored_reason !== null && (
              <span className="small">{t(`reviewer.scores.reasons.${given.unscored_reason}`)}</span>
            )}
          </>
        ) : (
          <strong>{t("reviewer.scores.ofFive", { score: given.score })}</strong>
        )}
      </p>
      {given.rationale !== "" && (
        <p className="small" lang={language}>
          {given.rationale}
        </p>
      )}
      {given.quotes.map((quote) => (
        <QuoteJump key={`${quote.span?.start} ${quote.text}`} quote={quote} turn={turn} language={language} />
      ))}
      {byHand.map((one) => (
        <div key={`${one.created_at} ${one.reviewer_id}`} className="notice notice-ok stack-tight">
          <strong>{t("reviewer.scores.byHandIs", { name: one.reviewer_name, score: one.score })}</strong>
          <p className="small pre" dir="auto">
            {one.reason}
          </p>
          <p className="small muted">{moment(one.created_at)}</p>
        </div>
      ))}
      {given.score === null && mayReview(me) && (
        <div>
          <Button kind="plain" onClick={() => setScoring(true)}>
            {byHand.length === 0 ? t("reviewer.scores.byHand") : t("reviewer.scores.byHandAgain")}
            <span className="hidden">
              : {criterion.title}, {t("reviewer.transcript.turn", { number: turn.number })}
            </span>
          </Button>
        </div>
      )}
      {scoring && (
        <HandScore
          interviewId={interviewId}
          turnId={turn.turn_id}
          criterion={criterion}
          language={language}
          onClose={() => setScoring(false)}
        />
      )}
    </div>
  );
}

/** A quote; pressing it brings the reader to its words. */
function QuoteJump({ quote, turn, language }: { quote: Quote; turn: Turn; language: string }) {
  const { t } = useTranslation();
  const { mark } = useMarking();
  const button = useRef<HTMLButtonElement>(null);
  const passage =
    turn.answer === null ? null : findQuote(quote, turn.answer, turn.evaluation?.answer_revision ?? 1);
  const sound = useSound();
  const from = turn.answer?.modality === "voice" ? quote.start_time_seconds : null;
  const words = (
    <>
      <span lang={language}>“{quote.text}”</span>
      {from !== null && (
        <span className="small time-code">{t("reviewer.scores.at", { time: timeCode(from) })}</span>
      )}
    </>
  );
  if (passage === null) {
    return (
      <blockquote className="quote-jump">
        {words} <span className="small muted">{t("reviewer.scores.quoteGone")}</span>
      </blockquote>
    );
  }
  const back = () => {
    button.current?.scrollIntoView({ block: "center" });
    button.current?.focus({ preventScroll: true });
  };
  return (
    <div className="quote-sound">
      <button
        ref={button}
        type="button"
        className="quote-jump"
        onClick={() => mark(turn.turn_id, passage, back)}
      >
        {words}
        <span className="hidden">{t("reviewer.scores.jump")}</span>
      </button>
      {sound !== null && from !== null && (
        <Button
          kind="plain"
          aria-label={t("reviewer.sound.quote", { time: timeCode(from) })}
          onClick={() => sound.hear({ turnId: turn.turn_id, from, to: quote.end_time_seconds })}
        >
          <span aria-hidden="true">▶</span>
        </Button>
      )}
    </div>
  );
}
