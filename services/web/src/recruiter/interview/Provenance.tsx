import { useTranslation } from "react-i18next";
import type { Interview, ModelRef, Report } from "../../api/interviews";
import { moment } from "../times";

const HASH_SHOWN = 12;

/** By which models, prompts and rubrics the report came about. */
export function Provenance({ interview, report }: { interview: Interview; report: Report }) {
  const { t } = useTranslation();
  const rubrics = report.competencies.flatMap(({ competency, rubric }) =>
    rubric === undefined ? [] : [{ title: competency.title, ...rubric }],
  );
  const fromBank = interview.turns.filter(({ question }) => question?.origin?.source === "bank").length;
  return (
    <section id="provenance" className="card stack" aria-labelledby="provenance-title">
      <h2 id="provenance-title">{t("reviewer.provenance.title")}</h2>
      <p className="muted">
        {t("reviewer.provenance.report", { version: report.version, at: moment(report.created_at) })}
      </p>
      <dl className="provenance">
        <div>
          <dt>{t("reviewer.provenance.judges")}</dt>
          <dd>
            <Models models={report.judge_models} />
          </dd>
        </div>
        <div>
          <dt>{t("reviewer.provenance.askers")}</dt>
          <dd>
            <Models models={report.question_models} />
            {fromBank > 0 && <p className="small">{t("reviewer.provenance.bank", { count: fromBank })}</p>}
          </dd>
        </div>
        <div>
          <dt>{t("reviewer.provenance.prompts")}</dt>
          <dd>
            <ul>
              {report.prompts.map((one) => (
                <li key={`${one.id} ${one.version}`}>
                  <code>{one.id}</code> · {t("reviewer.provenance.version", { version: one.version })}{" "}
                  <Hash sha256={one.sha256} />
                </li>
              ))}
            </ul>
          </dd>
        </div>
        <div>
          <dt>{t("reviewer.provenance.rubrics")}</dt>
          <dd>
            <ul>
              {rubrics.map((one) => (
                <li key={`${one.title} ${one.rubric_id}`}>
                  {one.title} · {t("reviewer.provenance.version", { version: one.version })}{" "}
                  <Hash sha256={one.sha256} />
                </li>
              ))}
            </ul>
          </dd>
        </div>
      </dl>
    </section>
  );
}

function Models({ models }: { models: ModelRef[] }) {
  const { t } = useTranslation();
  if (models.length === 0) return <p className="muted">{t("reviewer.provenance.noModel")}</p>;
  return (
    <ul>
      {models.map((one) => (
        <li key={`${one.id} ${one.sha256}`}>
          <code>{one.id}</code> · {one.engine} <Hash sha256={one.sha256} />
        </li>
      ))}
    </ul>
  );
}

/** The beginning of a hash; the whole of it is read on hover and copied with the text. */
function Hash({ sha256 }: { sha256: string }) {
  if (sha256 === "") return null;
  return (
    <code className="small muted" title={sha256}>
      {sha256.slice(0, HASH_SHOWN)}
    </code>
  );
}
