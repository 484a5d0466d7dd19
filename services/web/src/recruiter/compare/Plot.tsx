import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CandidateRow } from "../../api/candidates";
import { Field } from "../../ui/Field";
import { percent, score as scoreText } from "../times";
import { type CompetencyColumn, drawn, placeOf } from "./comparison";

const DRAWN_MOST = 40;
const SCALE = [1, 2, 3, 4, 5];

/** The same as a picture: a line a candidate. Everything in it stands in the table too. */
export function Plot({ rows, competencies }: { rows: CandidateRow[]; competencies: CompetencyColumn[] }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState("");
  const which = competencies.some(({ id }) => id === chosen) ? chosen : null;
  const shown = rows.slice(0, DRAWN_MOST);
  return (
    <section className="card stack" aria-labelledby="plot-title">
      <h2 id="plot-title">{t("reviewer.compare.plot.title")}</h2>
      <div className="narrow">
        <Field label={t("reviewer.compare.plot.which")}>
          {(control) => (
            <select
              {...control}
              className="field"
              value={which ?? ""}
              onChange={(event) => setChosen(event.target.value)}
            >
              <option value="">{t("reviewer.compare.plot.total")}</option>
              {competencies.map(({ id, title }) => (
                <option key={id} value={id}>
                  {title}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <p className="small muted">{t("reviewer.compare.plot.what")}</p>
      {rows.length > shown.length && (
        <p className="small">{t("reviewer.compare.plot.first", { count: shown.length })}</p>
      )}
      <ul className="plot">
        <li aria-hidden="true">
          <span />
          <svg className="plot-scale" width="100%" height="20">
            <title>1–5</title>
            {SCALE.map((one) => (
              <text key={one} x={`${placeOf(one)}%`} y="14" textAnchor="middle">
                {one}
              </text>
            ))}
          </svg>
        </li>
        {shown.map((row) => (
          <Line key={row.interview_id} row={row} which={which} />
        ))}
      </ul>
    </section>
  );
}

function Line({ row, which }: { row: CandidateRow; which: string | null }) {
  const { t } = useTranslation();
  const name = row.candidate?.name || t("reviewer.interview.erasedName");
  const { score, lowest, highest, scored } = drawn(row, which);
  const values = { name, score: scoreText(score ?? 0), percent: percent(scored) };
  const told =
    score === null
      ? t("reviewer.compare.plot.rowNone", { name })
      : lowest === null || highest === null
        ? t("reviewer.compare.plot.rowTotal", values)
        : t("reviewer.compare.plot.row", { ...values, lowest, highest });
  return (
    <li>
      <span aria-hidden="true" className="small">
        {name}
      </span>
      <svg width="100%" height="28" role="img" aria-label={told}>
        {SCALE.map((one) => (
          <line
            key={one}
            className="plot-grid"
            x1={`${placeOf(one)}%`}
            x2={`${placeOf(one)}%`}
            y1="0"
            y2="28"
          />
        ))}
        {lowest !== null && highest !== null && (
          <line
            className="plot-spread"
            x1={`${placeOf(lowest)}%`}
            x2={`${placeOf(highest)}%`}
            y1="14"
            y2="14"
          />
        )}
        {score !== null && (
          <circle
            className={scored < 100 ? "plot-dot plot-dot-partly" : "plot-dot"}
            cx={`${placeOf(score)}%`}
            cy="14"
            r="7"
          />
        )}
      </svg>
    </li>
  );
}
