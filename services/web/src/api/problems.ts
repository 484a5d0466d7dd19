/** One fault of one field, as the gateway names it. */
export interface Fault {
  field: string;
  detail: string;
}

/** What a request came to when it did not come to what was asked. */
export class Problem extends Error {
  /**
   * @param status of HTTP; 0 when nothing answered.
   * @param reason for programs, of the problem document: LINK_USED, ANSWER_SUBMITTED, …
   * @param detail in English, for who reports a fault.
   * @param correlationId to quote with it.
   * @param faults of single fields.
   */
  constructor(
    readonly status: number,
    readonly reason: string,
    readonly detail: string,
    readonly correlationId = "",
    readonly faults: readonly Fault[] = [],
  ) {
    super(detail);
    this.name = "Problem";
  }

  /** Nothing answered, or a service is away: the same request may succeed later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

/** Whatever was thrown, as a Problem. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, "UNREACHABLE", error instanceof Error ? error.message : String(error));
}

/** The problem document of a response that is no success. */
export function problemFrom(status: number, document: unknown): Problem {
  const told = (typeof document === "object" && document !== null ? document : {}) as Record<string, unknown>;
  const text = (name: string) => (typeof told[name] === "string" ? told[name] : "");
  return new Problem(
    status,
    text("reason") || `HTTP_${status}`,
    text("detail") || text("title"),
    text("correlation_id"),
    faultsOf(told.errors),
  );
}

function faultsOf(told: unknown): Fault[] {
  if (!Array.isArray(told)) return [];
  return told
    .filter((one): one is Record<string, unknown> => typeof one === "object" && one !== null)
    .map(({ field, detail }) => ({ field: String(field ?? ""), detail: String(detail ?? "") }));
}
