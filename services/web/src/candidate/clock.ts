/** A place in a spoken answer: m:ss. */
export function clock(seconds: number | null): string {
  const whole = Math.floor(seconds ?? 0);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** A duration of the contract's JSON, "83.900s", in seconds; null without one. */
export function secondsOf(duration: string | null | undefined): number | null {
  return duration ? Number.parseFloat(duration) : null;
}
