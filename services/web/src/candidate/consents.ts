/** What candidates are asked to allow. The words are in the catalogues; their version goes into the ledger. */
import type { Interview, Purpose } from "../api/interview";

/** Change it whenever the words of a purpose change. */
export const TEXT_VERSION = "2026-11";

/** The purposes of an interview, in the order they are asked. */
export function purposesOf(mode: Interview["mode"]): Purpose[] {
  const always: Purpose[] = ["transcribe", "ai_scoring", "record"];
  return mode === "practice" ? [...always, "expressions"] : always;
}

/** What was said last to each purpose. */
export function saidIn(interview: Interview): Map<Purpose, boolean> {
  return new Map(
    interview.consents.flatMap((one) => (one.purpose === null ? [] : [[one.purpose, one.granted] as const])),
  );
}
