export interface Span {
  unit: "days" | "hours" | "minutes" | "seconds";
  count: number;
}

const UNITS: [Span["unit"], number][] = [
  ["days", 86_400],
  ["hours", 3_600],
  ["minutes", 60],
];

/** A time in the largest unit that tells it in whole numbers; a single day is told in hours, as settings are. */
export function spanOf(seconds: number): Span {
  for (const [unit, size] of UNITS) {
    const count = seconds / size;
    if (Number.isInteger(count) && (unit !== "days" || count > 1)) return { unit, count };
  }
  return { unit: "seconds", count: Math.round(seconds) };
}
