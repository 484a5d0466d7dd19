/** The rows of a board: what came live is taken in, and what is looked for is picked out. */
import type { CandidatePage, CandidateRow, InterviewState } from "../api/candidates";

/** The way of an interview, in its order. */
export const STATES = [
  "invited",
  "consented",
  "ready",
  "in_progress",
  "completed",
  "reported",
  "decided",
  "expired",
  "abandoned",
  "erased",
] as const satisfies readonly InterviewState[];

export type SortKey = "name" | "state" | "changed";

export interface Wanted {
  search: string;
  state: InterviewState | "";
  sort: SortKey;
  descending: boolean;
}

/** The page with rows as they stand now; new ones come first, as the list has them. */
export function takenIn(page: CandidatePage, rows: readonly CandidateRow[]): CandidatePage {
  const news = new Map(rows.map((row) => [row.interview_id, row]));
  const items = page.items.map((row) => {
    const newer = news.get(row.interview_id);
    news.delete(row.interview_id);
    return newer ?? row;
  });
  const added = [...news.values()].reverse();
  return { ...page, items: [...added, ...items], total: page.total + added.length };
}

/** How many are in each state that somebody is in. */
export function counts(rows: readonly CandidateRow[]): [InterviewState, number][] {
  return STATES.map((state): [InterviewState, number] => [
    state,
    rows.filter((row) => row.state === state).length,
  ]).filter(([, count]) => count > 0);
}

/** The rows that are looked for, sorted. */
export function picked(rows: readonly CandidateRow[], wanted: Wanted, language: string): CandidateRow[] {
  const search = wanted.search.trim().toLocaleLowerCase(language);
  const found = rows.filter((row) => {
    if (wanted.state !== "" && row.state !== wanted.state) return false;
    if (search === "") return true;
    const { name = "", email = "" } = row.candidate ?? {};
    return `${name}\n${email}`.toLocaleLowerCase(language).includes(search);
  });
  const collator = new Intl.Collator(language);
  const ways: Record<SortKey, (a: CandidateRow, b: CandidateRow) => number> = {
    name: (a, b) => collator.compare(a.candidate?.name ?? "", b.candidate?.name ?? ""),
    state: (a, b) => placeOf(a) - placeOf(b),
    changed: (a, b) => timeOf(a) - timeOf(b),
  };
  const way = ways[wanted.sort];
  return found.sort((a, b) => (wanted.descending ? way(b, a) : way(a, b)));
}

function placeOf({ state }: CandidateRow): number {
  return state === null ? STATES.length : STATES.indexOf(state);
}

function timeOf({ changed_at, created_at }: CandidateRow): number {
  const told = changed_at ?? created_at;
  return told === null ? 0 : new Date(told).getTime();
}

/** Whether a new link can be made: until the interview is over. */
export function mayReissue({ state }: CandidateRow): boolean {
  return state === "invited" || state === "consented" || state === "ready" || state === "in_progress";
}

/** Whether the person can only be invited anew: this interview is over without a report, and takes no link. `open`: the
 * addresses of those who have another one that does. */
export function mayInviteAnew({ state, candidate }: CandidateRow, open: ReadonlySet<string>): boolean {
  if (candidate === null || open.has(addressOf(candidate))) return false;
  return state === "expired" || state === "abandoned";
}

/** The addresses of those whose interview takes a link. */
export function openAddresses(rows: readonly CandidateRow[]): Set<string> {
  return new Set(rows.flatMap((row) => (row.candidate && mayReissue(row) ? [addressOf(row.candidate)] : [])));
}

function addressOf({ email }: { email: string }): string {
  return email.toLowerCase();
}

/** Whether the invitation can be withdrawn: until the interview begins. */
export function mayRevoke({ state }: CandidateRow): boolean {
  return state === "invited" || state === "consented" || state === "ready";
}
