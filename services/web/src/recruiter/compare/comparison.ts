/** What is compared: which competencies there are, and how the address keeps what is wanted. */
import type { CandidateRow } from "../../api/candidates";
import type { Wanted } from "../../api/compare";
import type { Decision } from "../../api/interviews";

export type Cell = CandidateRow["competencies"][number];

export interface CompetencyColumn {
  id: string;
  title: string;
  weight: number;
}

/** Every competency of the rows, once, the heaviest first. */
export function competenciesOf(rows: readonly CandidateRow[]): CompetencyColumn[] {
  const found = new Map<string, CompetencyColumn>();
  for (const { competencies } of rows) {
    for (const { competency_id, title, weight } of competencies) {
      if (!found.has(competency_id)) found.set(competency_id, { id: competency_id, title, weight });
    }
  }
  return [...found.values()].sort((a, b) => b.weight - a.weight);
}

/** A row's cell of a competency. */
export function cellOf(row: CandidateRow, competencyId: string): Cell | undefined {
  return row.competencies.find(({ competency_id }) => competency_id === competencyId);
}

/** One candidate as it is drawn: the score, and how far the single scores lie apart. */
export interface Drawn {
  score: number | null;
  lowest: number | null;
  highest: number | null;
  /** How much was scored, percent. */
  scored: number;
}

/** `which`: a competency's id; null for the total, which has no spread of its own. */
export function drawn(row: CandidateRow, which: string | null): Drawn {
  if (which === null) {
    return {
      score: row.total?.score ?? null,
      lowest: null,
      highest: null,
      scored: row.total?.scored_weight ?? 0,
    };
  }
  const cell = cellOf(row, which);
  return {
    score: cell?.total?.score ?? null,
    lowest: cell?.lowest ?? null,
    highest: cell?.highest ?? null,
    scored: cell?.total?.scored_weight ?? 0,
  };
}

/** Where a score from 1 to 5 stands on a line with a margin on both sides, percent. */
export function placeOf(score: number): number {
  return 5 + ((score - 1) / 4) * 90;
}

/** What the address keeps, so that a reload or a colleague sees the same. */
export interface View {
  q?: string;
  decision?: Decision;
  covered?: number;
  by?: string;
  up?: boolean;
}

const DECISIONS: Decision[] = ["advance", "hold", "decline"];
const SLUG = /^[a-z][a-z0-9_]{0,63}$/;
const SEARCH_MOST = 200;

/** The address's search, of which anybody may have typed anything. */
export function viewOf(search: Record<string, unknown>): View {
  const { q, decision, covered, by, up } = search;
  const view: View = {};
  if (typeof q === "string" && q !== "") view.q = q.slice(0, SEARCH_MOST);
  const known = DECISIONS.find((one) => one === decision);
  if (known !== undefined) view.decision = known;
  if (covered === 50 || covered === 80 || covered === 100) view.covered = covered;
  if (typeof by === "string" && SLUG.test(by)) view.by = by;
  if (up === true) view.up = true;
  return view;
}

/** What the gateway is asked for. Without any order: the best first. */
export function wantedOf({ q, decision, covered, by, up }: View): Wanted {
  return {
    search: q ?? "",
    decision: decision ?? null,
    covered: covered ?? 0,
    order: by ?? "score",
    descending: up !== true,
  };
}

/** The view after a press on a column: that order, the other way round on the second press. Names begin with A. */
export function sortedBy(view: View, by: string): View {
  const same = (view.by ?? "score") === by;
  const up = same ? view.up !== true : by === "name";
  const { up: _, ...rest } = view;
  return up ? { ...rest, by, up } : { ...rest, by };
}
