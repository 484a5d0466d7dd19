/** Candidates of a position with their scores, to be compared, and the same as a file. */
import { type CandidatePage, ROWS_MOST } from "./candidates";
import { client, demand } from "./client";
import type { Decision } from "./interviews";

/** What is looked for and how it is sorted; the file is made with the same. */
export interface Wanted {
  search: string;
  decision: Decision | null;
  /** At least so much of the weight was scored, percent; 0 for all. */
  covered: number;
  /** `name`, `score`, or a competency's id. */
  order: string;
  descending: boolean;
}

const STATES = ["reported" as const, "decided" as const];

function queryOf(positionId: string, { search, decision, covered, order, descending }: Wanted) {
  const plain = order === "name" || order === "score";
  return {
    position_id: positionId,
    state: STATES,
    search,
    decision,
    min_weight_scored: covered,
    order: plain ? (order as "name" | "score") : ("competency" as const),
    competency_id: plain ? null : order,
    descending,
  };
}

/** Those with a report, in the wanted order; who has no score comes last. */
export function listToCompare(positionId: string, wanted: Wanted): Promise<CandidatePage> {
  const query = { ...queryOf(positionId, wanted), limit: ROWS_MOST };
  return demand(client.GET("/api/v1/candidates", { params: { query } }));
}

/** Where the same list is as a file. */
export function exportAddress(
  positionId: string,
  wanted: Wanted,
  format: "csv" | "json" | "pdf",
  language: string,
): string {
  const params = new URLSearchParams({ format, language });
  for (const [name, value] of Object.entries(queryOf(positionId, wanted))) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== "") params.append(name, String(one));
    }
  }
  return `/api/v1/exports/candidates?${params}`;
}
