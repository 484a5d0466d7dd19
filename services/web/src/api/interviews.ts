/** Interviews, their reports and what people decide, as staff read and write them over REST. */
import { client, demand } from "./client";
import { Problem } from "./problems";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Interview = Schemas["Interview"];
export type Turn = Schemas["Turn"];
export type Answer = Schemas["Answer"];
export type Quote = Schemas["Quote"];
export type CriterionScore = Schemas["CriterionScore"];
export type HumanScore = Schemas["HumanScore"];
export type Review = Schemas["Review"];
export type Decision = Schemas["ReviewIn"]["decision"];
export type CandidateRequest = Schemas["CandidateRequest"];
export type AuditEntry = Schemas["AuditEntry"];
export type AuditPage = Schemas["Page_AuditEntry_"];
export type Coverage = Schemas["Coverage"];
export type PromptRef = Schemas["PromptRef"];
export type ModelRef = Schemas["ModelRef"];

/** Of the report's JSON what the pages read. The scores with their quotes are those of the interview's turns. */
export interface Report {
  version: number;
  created_at: string;
  demo: boolean;
  competencies: CompetencyReport[];
  total: Total;
  coverage: Coverage;
  judge_models: ModelRef[];
  question_models: ModelRef[];
  prompts: PromptRef[];
  strengths: ReportFinding[];
  gaps: ReportFinding[];
}

/** Without `score` nothing was scored. */
export interface Total {
  score?: number;
  scored_weight: number;
}

export interface ReportFinding {
  title: string;
  score: number;
  turn_number: number;
}

export interface CompetencyReport {
  competency: { competency_id: string; title: string };
  weight: number;
  total: Total;
  criteria: CriterionReport[];
  rubric?: { rubric_id: string; version: number; sha256: string };
}

export interface CriterionReport {
  criterion: Criterion;
  score?: number;
  human: boolean;
  turns: { turn_id: string; turn_number: number }[];
}

export interface Criterion {
  criterion_id: string;
  title: string;
  description: string;
  weight: number;
  anchors: { band: number; description: string }[];
}

const named = (interviewId: string) => ({ path: { interview_id: interviewId } });

/** One interview with its turns. */
export function getInterview(interviewId: string): Promise<Interview> {
  return demand(client.GET("/api/v1/interviews/{interview_id}", { params: named(interviewId) }));
}

/** The report on it, for those who decide. */
export async function getReport(interviewId: string): Promise<Report> {
  const params = { ...named(interviewId), query: { format: "json" as const } };
  const told = await demand(
    client.GET("/api/v1/interviews/{interview_id}/report", { params, parseAs: "json" }),
  );
  if (typeof told !== "object" || told === null)
    throw new Problem(500, "NO_REPORT", "the report is no document");
  return told as unknown as Report;
}

/** Where the report is as a file. */
export function reportAddress(interviewId: string, format: "pdf" | "html" | "json"): string {
  return `/api/v1/interviews/${encodeURIComponent(interviewId)}/report?format=${format}`;
}

/** The sound of a spoken answer, whose time is the answer's. Throws a Problem: 404 where nothing was recorded. */
export function getRecording(interviewId: string, turnId: string): Promise<Blob> {
  return demand(
    client.GET("/api/v1/interviews/{interview_id}/turns/{turn_id}/recording", {
      params: { path: { interview_id: interviewId, turn_id: turnId } },
      parseAs: "blob",
    }),
  );
}

/** The decisions, oldest first; what others decided may be sealed. */
export async function listReviews(interviewId: string): Promise<Review[]> {
  return (
    await demand(client.GET("/api/v1/interviews/{interview_id}/reviews", { params: named(interviewId) }))
  ).items;
}

/** Decide, with a reason, on the report with this version. */
export function submitReview(
  interviewId: string,
  decision: Decision,
  reason: string,
  reportVersion: number,
): Promise<Review> {
  const body = { decision, reason, report_version: reportVersion };
  return demand(
    client.POST("/api/v1/interviews/{interview_id}/reviews", { params: named(interviewId), body }),
  );
}

/** Score what the model left open, 1 to 5. */
export function scoreByHand(
  interviewId: string,
  turnId: string,
  criterionId: string,
  score: number,
  reason: string,
): Promise<HumanScore> {
  const params = { path: { interview_id: interviewId, turn_id: turnId } };
  const body = { criterion_id: criterionId, score, reason };
  return demand(client.POST("/api/v1/interviews/{interview_id}/turns/{turn_id}/scores", { params, body }));
}

/** Tell a candidate what becomes of a request. */
export function resolveRequest(interviewId: string, requestId: string, answer: string): Promise<Interview> {
  const params = { path: { interview_id: interviewId, request_id: requestId } };
  return demand(
    client.POST("/api/v1/interviews/{interview_id}/requests/{request_id}/resolve", {
      params,
      body: { answer },
    }),
  );
}

/** One page of the audit log, newest first; of one interview, or of everything without an id. */
export function listAudit(interviewId: string | null, cursor: string): Promise<AuditPage> {
  const query = { limit: 100, cursor, interview_id: interviewId };
  return demand(client.GET("/api/v1/audit", { params: { query } }));
}
