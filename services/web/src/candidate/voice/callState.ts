/** How the candidate's call stands, and why it does not. */
import type { Problem } from "../../api/problems";
import type { LineFault, Transcription } from "../../api/voice";
import type { DeviceTrouble } from "./devices";

export type CallLine = "off" | "asking" | "connecting" | "connected" | "lost";
/** Why it does not go on by itself. `elsewhere`: another tab has taken over; `answer`: this answer is closed to voice;
 * `refused`: it may not be listened to, for a reason that the page has no words for. */
export type Trouble =
  | DeviceTrouble
  | "vanished"
  | "elsewhere"
  | "language"
  | "textOnly"
  | "consent"
  | "closed"
  | "unreachable"
  | "refused"
  | "answer";

export interface CallState {
  line: CallLine;
  trouble: Trouble | null;
  /** Null while nobody can be heard from here. */
  stream: MediaStream | null;
  /** A camera was wanted and there is none. */
  cameraMissing: boolean;
  /** Media knows what the candidate is doing about the answer; before that it listens to nobody, however good the line. */
  told: boolean;
  /** What reaches Viva, dBFS; null while nothing does, or nobody tells. */
  level: number | null;
  /** Somebody speaks. */
  speaking: boolean;
  faults: readonly LineFault[];
  transcription: Transcription;
}

/** What is only true while it is told. */
export const UNTOLD = { level: null, speaking: false, faults: [] } as const;

export const OFF: CallState = {
  line: "off",
  trouble: null,
  stream: null,
  cameraMissing: false,
  told: false,
  ...UNTOLD,
  transcription: "live",
};

/** Refusals of the gateway that the page has words for. */
export const REFUSED: Record<string, Trouble> = {
  LANGUAGE_NOT_SPOKEN: "language",
  TEXT_ONLY: "textOnly",
  CONSENT_MISSING: "consent",
  NOT_OPEN: "closed",
};

/** Whether the same request may succeed later. */
export function mayPass(problem: Problem): boolean {
  return problem.passing || (problem.status >= 500 && !(problem.reason in REFUSED));
}

export function transcriptionOf(told: unknown): Transcription {
  return told === "delayed" || told === "text_only" ? told : "live";
}
