import { useTranslation } from "react-i18next";
import type { Report, ReportFinding } from "../../api/interviews";
import { percent, score as scoreText } from "../times";

/** The whole at a glance: the total and how much it rests on, what was strong and what was not. */
export function Overview({ report }: { report: Report }) {
  const { t } = useTranslation();
  const { coverage, total } = report;
  const facts = [
    {
      name: t("reviewer.overview.total"),
      told:
        total.score === undefined
          ? t("reviewer.scores.unscored")
          : t("reviewer.scores.ofFive", { score: scoreText(total.score) }),
    },
    {
      name: t("reviewer.overview.competencies"),
      told: t("reviewer.overview.ofN", {
        some: coverage.competencies_answered,
        all: coverage.competencies_planned,
      }),
    },
    { name: t("reviewer.overview.weight"), told: percent(coverage.weight_scored) },
    {
      name: t("reviewer.overview.unscored"),
      told: t("reviewer.overview.ofN", { some: coverage.criteria_unscored, all: coverage.criteria_total }),
    },
    { name: t("reviewer.overview.human"), told: String(coverage.criteria_human) },
  ];
  return (
    <section className="card stack" aria-labelledby="overview-title">
      <h2 id="overview-title">{t("reviewer.overview.title")}</h2>
      <dl className="facts">
        {facts.map(({ name, told }) => (
          <div key={name}>
            <dt className="small muted">{name}</dt>
            <dd>{told}</dd>
          </div>
        ))}
      </dl>
      <div className="versions">
        <Findings title={t("reviewer.overview.strengths")} found={report.strengths} />
        <Findings title={t("reviewer.overview.gaps")} found={report.gaps} />
      </div>
    </section>
  );
}

function Findings({ title, found }: { title: string; found: ReportFinding[] }) {
  const { t } = useTranslation();
  return (
    <div className="stack-tight">
      <h3>{title}</h3>
      {found.length === 0 ? (
        <p className="muted">{t("reviewer.overview.nothing")}</p>
      ) : (
        <ul>
          {found.map((one) => (
            <li key={`${one.title} ${one.turn_number}`}>
              {one.title} · {t("reviewer.scores.ofFive", { score: scoreText(one.score) })} ·{" "}
              {t("reviewer.transcript.turn", { number: one.turn_number })}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
