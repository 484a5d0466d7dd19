/** The candidate's own interview over REST. */
import { client, demand } from "./client";
import { Problem, problemOf } from "./problems";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Interview = Schemas["Interview"];
export type Turn = Schemas["Turn"];
export type Answer = Schemas["Answer"];
export type Purpose = Schemas["ConsentIn"]["purpose"];
export type RequestKind = Schemas["RequestIn"]["kind"];
export type Receipt = Schemas["ErasureReceipt"];

const OWN = "/api/v1/candidate/interview";
/** Characters of an answer, as the gateway takes them. */
export const ANSWER_MOST = 20_000;
/** Bytes of a résumé, as the gateway takes them. */
export const RESUME_MOST = 5 * 1024 * 1024;

/** Exchange the token of a link, once, for the session cookie; the same attempt may be made again. */
export function openLink(token: string, attemptId: string): Promise<Interview> {
  return demand(client.POST("/api/v1/candidate/session", { body: { token, attempt_id: attemptId } }));
}

/** The interview as it stands. */
export function getInterview(): Promise<Interview> {
  return demand(client.GET(OWN));
}

/** Yes or no to purposes, of the text with this version. */
export function recordConsents(said: Map<Purpose, boolean>, textVersion: string): Promise<Interview> {
  const consents = [...said].map(([purpose, granted]) => ({ purpose, granted, text_version: textVersion }));
  return demand(client.POST(`${OWN}/consents`, { body: { consents } }));
}

/** Send a résumé; the one before goes. */
export function uploadResume(file: File): Promise<Schemas["Resume"]> {
  const form = new FormData();
  form.append("file", file);
  return demand(client.POST(`${OWN}/resume`, { body: { file: "" }, bodySerializer: () => form }));
}

/** Everything is read: start the clock. */
export async function start(): Promise<Interview> {
  await demand(client.POST(`${OWN}/ready`));
  return demand(client.POST(`${OWN}/start`));
}

/** Keep what is typed so far, with how many passages are taken into it; answers with the revision that is kept. */
export async function saveDraft(
  turnId: string,
  text: string,
  revision: number,
  passagesSeen: number | null,
): Promise<number> {
  const params = { path: { turn_id: turnId } };
  const body = { text, draft_revision: revision, passages_seen: passagesSeen };
  return (await demand(client.PUT(`${OWN}/turns/{turn_id}/draft`, { params, body }))).draft_revision;
}

/** Close an answer. A spoken one is what was heard, and needs no text. */
export function submitAnswer(
  turnId: string,
  text: string,
  modality: "text" | "voice",
  passagesSeen: number,
): Promise<Interview> {
  const params = { path: { turn_id: turnId } };
  return demand(
    client.POST(`${OWN}/turns/{turn_id}/answer`, {
      params,
      body: { text, modality, passages_seen: passagesSeen },
    }),
  );
}

/** Correct a transcript, or say something about it. */
export async function reviseTranscript(
  turnId: string,
  revision: number,
  text: string,
  remark: string,
): Promise<void> {
  const params = { path: { turn_id: turnId }, header: { "If-Match": `"${revision}"` } };
  await demand(client.PUT(`${OWN}/turns/{turn_id}/transcript`, { params, body: { text, remark } }));
}

/** Ask for a person, or for an accommodation. */
export function askEmployer(kind: RequestKind, text: string): Promise<Interview> {
  return demand(client.POST(`${OWN}/requests`, { body: { kind, text } }));
}

/** The candidate is done. */
export function complete(): Promise<Interview> {
  return demand(client.POST(`${OWN}/complete`));
}

/** Remove everything, everywhere. The session ends with it. */
export function erase(): Promise<Receipt> {
  return demand(client.POST(`${OWN}/erasure`));
}

/** End the session on this device. */
export async function leave(): Promise<void> {
  await demand(client.DELETE("/api/v1/candidate/session"));
}

/** A strength or a gap with the words that show it. */
export interface Finding {
  title: string;
  score: number;
  rationale: string;
  /** `start_time`: when in the answer it was spoken, "83.9s"; none when it was typed. */
  quote: { text: string; start_time?: string | null } | null;
}

/** The candidate's own report, of its JSON what is shown. */
export interface Feedback {
  version: number;
  demo: boolean;
  strengths: Finding[];
  gaps: Finding[];
}

export type ExpressionTimeline = Schemas["ExpressionTimeline"];
export type ExpressionPoint = Schemas["ExpressionPoint"];

/** What the model saw, all of it, in order; null where nobody may look or nothing looks. */
export async function getExpressions(): Promise<ExpressionTimeline | null> {
  let found: ExpressionTimeline | null = null;
  let cursor = "";
  do {
    let page: ExpressionTimeline;
    try {
      page = await demand(client.GET(`${OWN}/expressions`, { params: { query: { limit: 200, cursor } } }));
    } catch (error) {
      if (problemOf(error).status === 409) return null;
      throw error;
    }
    found = found === null ? page : { ...page, items: [...found.items, ...page.items] };
    cursor = page.next_cursor ?? "";
  } while (cursor !== "");
  return found;
}

/** The own feedback. */
export async function getFeedback(): Promise<Feedback> {
  const query = { format: "json" as const };
  const told = await demand(client.GET("/api/v1/candidate/report", { params: { query }, parseAs: "json" }));
  if (typeof told !== "object" || told === null)
    throw new Problem(500, "NO_REPORT", "the report is no document");
  return told as unknown as Feedback;
}
