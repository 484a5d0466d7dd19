/** What a delivery's log says, made readable. */
const ERRORS = [
  "TIMEOUT",
  "ADDRESS_REFUSED",
  "CERTIFICATE",
  "TLS",
  "NAME_UNKNOWN",
  "CONNECTION_REFUSED",
  "CONNECTION_LOST",
  "NOT_HTTP",
  "REDIRECT_REFUSED",
  "STATUS",
] as const;
export type ErrorKey = (typeof ERRORS)[number] | "OTHER";

/** The key of an error's words; null for none, OTHER for one that a newer server names. */
export function errorKey(error: string): ErrorKey | null {
  if (error === "") return null;
  return ERRORS.find((one) => one === error) ?? "OTHER";
}

/** JSON with line breaks; anything else as it is. */
export function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

export type Range = { since: Date; until: Date };

/** The range of two datetime-local fields (in the reader's zone), or what is wrong with it. */
export function rangeOf(since: string, until: string): Range | "missing" | "order" {
  const from = new Date(since);
  const to = new Date(until);
  if (Number.isNaN(from.getTime()) || Number.isNaN(to.getTime())) return "missing";
  return from < to ? { since: from, until: to } : "order";
}

/** A moment as a datetime-local field holds it, in the reader's zone. */
export function fieldOf(moment: Date): string {
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
