import { Link } from "@tanstack/react-router";
import type { KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { CandidateRow } from "../../api/candidates";
import { type Column, Table } from "../../ui/Table";
import { percent, score } from "../times";
import { type Cell, type CompetencyColumn, cellOf, sortedBy, type View } from "./comparison";

interface Props {
  rows: CandidateRow[];
  competencies: CompetencyColumn[];
  view: View;
  onView: (view: View) => void;
}

/** One row a candidate, one column a competency. */
export function ComparisonTable({ rows, competencies, view, onView }: Props) {
  const { t } = useTranslation();
  const by = view.by ?? "score";
  const sort = (column: string): Column<CandidateRow>["sort"] => ({
    active: by !== column ? null : view.up === true ? "ascending" : "descending",
    onSort: () => onView(sortedBy(view, column)),
  });
  const columns: Column<CandidateRow>[] = [
    {
      key: "name",
      title: t("reviewer.compare.name"),
      head: true,
      sort: sort("name"),
      cell: (row) => (
        <Link to="/interviews/$interviewId" params={{ interviewId: row.interview_id }} data-candidate>
          {row.candidate?.name || t("reviewer.interview.erasedName")}
        </Link>
      ),
    },
    {
      key: "score",
      title: t("reviewer.compare.total"),
      sort: sort("score"),
      cell: (row) => (
        <>
          <strong>{row.total?.score != null ? score(row.total.score) : t("reviewer.scores.unscored")}</strong>{" "}
          {row.demo && <span className="tag tag-warn">{t("reviewer.compare.demo")}</span>}
        </>
      ),
    },
    {
      key: "covered",
      title: t("reviewer.compare.covered"),
      cell: (row) => percent(row.coverage?.weight_scored ?? 0),
    },
    ...competencies.map(
      ({ id, title }): Column<CandidateRow> => ({
        key: `competency ${id}`,
        title,
        sort: sort(id),
        cell: (row) => <Spread cell={cellOf(row, id)} />,
      }),
    ),
    { key: "decision", title: t("reviewer.compare.decided"), cell: (row) => <Decided row={row} /> },
  ];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are a short cut between links that Tab reaches too
    <div className="wide" onKeyDown={goOn}>
      <Table
        caption={t("reviewer.compare.region")}
        columns={columns}
        rows={rows}
        rowKey={(row) => row.interview_id}
      />
    </div>
  );
}

function Spread({ cell }: { cell: Cell | undefined }) {
  const { t } = useTranslation();
  if (cell?.total?.score == null) return <span className="muted">{t("reviewer.scores.unscored")}</span>;
  const { lowest, highest, deviation, total } = cell;
  const apart = lowest !== null && highest !== null && lowest !== highest;
  return (
    <div className="spread">
      <strong>{score(total.score ?? 0)}</strong>
      {apart && (
        <span className="small muted">
          {t("reviewer.compare.range", { lowest, highest })}
          {deviation !== null && `, ${t("reviewer.compare.deviation", { value: score(deviation) })}`}
        </span>
      )}
      {total.scored_weight < 100 && (
        <span className="small muted">
          {t("reviewer.compare.scored", { percent: percent(total.scored_weight) })}
        </span>
      )}
    </div>
  );
}

function Decided({ row }: { row: CandidateRow }) {
  const { t } = useTranslation();
  if (row.sealed) return <span className="small">{t("reviewer.compare.sealed")}</span>;
  if (row.decision === null) return <span className="muted">{t("reviewer.compare.undecided")}</span>;
  return (
    <>
      {t(`reviewer.decision.is.${row.decision}`)}{" "}
      {row.disagreement && <span className="tag tag-warn">{t("reviewer.compare.split")}</span>}
    </>
  );
}

/** The arrow keys go from candidate to candidate. */
function goOn(event: KeyboardEvent<HTMLElement>) {
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-candidate]")];
  const at = links.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
  const next = to === undefined ? undefined : links[to];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}
