/** What the audit log names: each has its words in the catalogues. */
const ACTIONS = [
  "tenant.create",
  "bank.read",
  "rubric.write",
  "rubric.read",
  "position.write",
  "position.read",
  "invitation.write",
  "interview.read",
  "interview.list",
  "interview.take",
  "resume.write",
  "resume.read",
  "recording.read",
  "report.read",
  "report.read_own",
  "review.write",
  "review.read",
  "score.write",
  "request.write",
  "request.resolve",
  "evaluation.read",
  "audit.read",
  "webhook.read",
  "webhook.write",
  "dead_letter.read",
  "dead_letter.retry",
  "dead_letter.delete",
  "retention.read",
  "interview.erase",
] as const;

type Underscored<T extends string> = T extends `${infer Before}.${infer After}` ? `${Before}_${After}` : T;
export type ActionKey = Underscored<(typeof ACTIONS)[number]>;

/** The key of an action's words; null for one that a newer server names. */
export function actionKey(action: string): ActionKey | null {
  return ACTIONS.some((one) => one === action) ? (action.replace(".", "_") as ActionKey) : null;
}
