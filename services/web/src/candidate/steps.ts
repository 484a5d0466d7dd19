/** Where a candidate is; the server's state says so, and a reload comes back to it. */
import type { Interview, Turn } from "../api/interview";

export type Step =
  | "welcome"
  | "consent"
  | "prepare"
  | "interview"
  | "review"
  | "waiting"
  | "feedback"
  | "ended";

/** The steps that are shown as a way, in their order. */
export const WAY = ["welcome", "consent", "prepare", "interview", "review", "feedback"] as const;

/** The step of an interview. `consenting`: the candidate has read who and what, before anything was said. */
export function stepOf(interview: Interview, consenting: boolean): Step {
  switch (interview.state) {
    case "invited":
      return consenting ? "consent" : "welcome";
    case "consented":
    case "ready":
      return consenting ? "consent" : "prepare";
    case "in_progress":
      return interview.progress?.asking_finished && openTurn(interview) === null ? "review" : "interview";
    case "completed":
      return "waiting";
    case "reported":
    case "decided":
      return "feedback";
    default:
      return "ended";
  }
}

/** The turn that waits for an answer, or whose question is being written. */
export function openTurn(interview: Interview): Turn | null {
  return (
    interview.turns.find((turn) => turn.answer?.state === "open" || turn.question?.state !== "asked") ?? null
  );
}

/** The turns that were answered. */
export function answeredTurns(interview: Interview): Turn[] {
  return interview.turns.filter((turn) => turn.answer !== null && turn.answer.revisions.length > 0);
}
