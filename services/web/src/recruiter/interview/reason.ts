/** Characters of a reason, as the gateway takes them. */
export const REASON_LEAST = 10;
export const REASON_MOST = 4000;

/** Whether it says anything: the gateway refuses a shorter one. */
export function reasonIsEnough(reason: string): boolean {
  return [...reason.trim()].length >= REASON_LEAST;
}
