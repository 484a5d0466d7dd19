/** Candidates as rows, over REST. */
import { client, demand } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type CandidateRow = Schemas["CandidateRow"];
export type CandidatePage = Schemas["CandidatePage"];
export type InterviewState = NonNullable<CandidateRow["state"]>;

/** Rows of one answer, as the gateway gives at most. */
export const ROWS_MOST = 1_000;

/** The newest candidates of a position, and from where the live board goes on. */
export function listCandidates(positionId: string): Promise<CandidatePage> {
  const query = { position_id: positionId, limit: ROWS_MOST };
  return demand(client.GET("/api/v1/candidates", { params: { query } }));
}
