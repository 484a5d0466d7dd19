import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import {
  type ExpressionPoint,
  type ExpressionTimeline,
  getExpressions,
  type Interview,
  recordConsents,
  type Turn,
} from "../api/interview";
import { spokenLanguage } from "../i18n";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import { clock } from "./clock";
import { TEXT_VERSION } from "./consents";
import { useTakeIn } from "./interviewState";
import { AGAIN, passing, useSend, Waiting } from "./useSend";

type Named = NonNullable<NonNullable<ExpressionPoint["face"]>["expressions"][number]["expression"]>;

/** Whether the candidate is shown what a model saw: in practice, while they consent to it. */
export function sees(interview: Interview): boolean {
  const said = interview.consents.find((one) => one.purpose === "expressions");
  return interview.mode === "practice" && said?.granted === true;
}

/** What a model saw in the candidate's pictures, with what it is and what it is not; theirs alone, and theirs to delete. */
export function Expressions({ interview }: { interview: Interview }) {
  const { t } = useTranslation();
  const takeIn = useTakeIn();
  const seen = useQuery({
    queryKey: ["candidate", "expressions"],
    queryFn: getExpressions,
    retry: (_, error) => passing(error),
    retryDelay: AGAIN,
  });
  const taking = useSend(() => recordConsents(new Map([["expressions", false]]), TEXT_VERSION), takeIn);
  if (seen.data === null) return null;
  const notice = seen.data?.notice[spokenLanguage()];
  return (
    <section className="card stack" aria-labelledby="expressions">
      <h2 id="expressions">{notice?.heading ?? t("feedback.expressions.title")}</h2>
      {seen.data === undefined && seen.error === null && (
        <p className="working">{t("feedback.expressions.fetching")}</p>
      )}
      {seen.error !== null && (
        <Notice tone="bad" live>
          <p>{t("feedback.expressions.failed")}</p>
          <div>
            <Button kind="plain" onClick={() => void seen.refetch()}>
              {t("noEntry.again")}
            </Button>
          </div>
        </Notice>
      )}
      {seen.data !== undefined && notice !== undefined && (
        <>
          <p>{notice.is_this}</p>
          <p>
            <strong>{notice.is_not}</strong>
          </p>
          <Timeline seen={seen.data} interview={interview} />
          <p className="muted">{notice.for_whom}</p>
          <Waiting of={taking} />
          {taking.problem !== null && (
            <Notice tone="bad" live>
              {t("feedback.expressions.notTaken")}
            </Notice>
          )}
          <div>
            <Button kind="plain" onClick={() => taking.send()} busy={taking.busy}>
              {t("feedback.expressions.takeBack")}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}

function Timeline({ seen, interview }: { seen: ExpressionTimeline; interview: Interview }) {
  const { t } = useTranslation();
  if (seen.items.length === 0) return <p className="muted">{t("feedback.expressions.none")}</p>;
  const start = Date.parse(seen.items[0]?.captured_at ?? "");
  const parts: { turn: Turn | null; points: ExpressionPoint[] }[] = interview.turns.map((turn) => ({
    turn,
    points: seen.items.filter((point) => point.turn_id === turn.turn_id),
  }));
  const known = new Set(interview.turns.map((turn) => turn.turn_id));
  parts.push({ turn: null, points: seen.items.filter((point) => !known.has(point.turn_id)) });
  return parts
    .filter((part) => part.points.length > 0)
    .map(({ turn, points }) => <Part key={turn?.turn_id ?? ""} turn={turn} points={points} start={start} />);
}

/** One answer's pictures: how often which expression, and each picture by its time. */
function Part({ turn, points, start }: { turn: Turn | null; points: ExpressionPoint[]; start: number }) {
  const { t } = useTranslation();
  const name =
    turn === null ? t("feedback.expressions.between") : t("review.answerN", { number: turn.number });
  const counts = new Map<Named | "unread", number>();
  for (const point of points) {
    const most = likeliest(point)?.expression ?? "unread";
    counts.set(most, (counts.get(most) ?? 0) + 1);
  }
  const often = [...counts].sort(([, a], [, b]) => b - a);
  return (
    <div className="stack-tight">
      <h3>{name}</h3>
      <p>
        {often
          .map(([what, count]) => t("feedback.expressions.times", { what: t(word(what)), count }))
          .join(", ")}
      </p>
      <details>
        <summary>{t("feedback.expressions.each", { count: points.length })}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard */}
        <section className="scroll" tabIndex={0} aria-label={name}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("feedback.expressions.time")}</th>
                <th scope="col">{t("feedback.expressions.saw")}</th>
              </tr>
            </thead>
            <tbody>
              {points.map((point) => (
                <tr key={point.captured_at}>
                  <td>{since(start, point.captured_at)}</td>
                  <td>
                    <Saw point={point} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </div>
  );
}

function Saw({ point }: { point: ExpressionPoint }) {
  const { t } = useTranslation();
  const most = likeliest(point);
  if (most === null) return <span className="muted">{t("feedback.expressions.unread")}</span>;
  const percent = Math.round(100 * most.probability);
  return <>{t("feedback.expressions.likely", { what: t(word(most.expression)), percent })}</>;
}

/** The expression that the model held likeliest; null when it could read no face. */
function likeliest(point: ExpressionPoint): { expression: Named; probability: number } | null {
  let most: { expression: Named; probability: number } | null = null;
  for (const { expression, probability } of point.face?.expressions ?? []) {
    if (expression !== null && probability > (most?.probability ?? 0)) most = { expression, probability };
  }
  return most;
}

function word(what: Named | "unread"): `feedback.expressions.${Named | "unread"}` {
  return `feedback.expressions.${what}`;
}

function since(start: number, at: string | null): string {
  return at === null ? "" : clock((Date.parse(at) - start) / 1000);
}
