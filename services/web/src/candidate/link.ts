/** How a candidate comes in: by the token behind # of the link, once; afterwards by the session's cookie. Until they are
 * in, each try is the same attempt, so that an answer that got lost locks nobody out. */
import { getInterview, type Interview, openLink } from "../api/interview";
import { Problem, problemOf } from "../api/problems";
import { attempt, noteHere, wasHere } from "./onDevice";

const NONE = ["LINK_USED", "LINK_UNKNOWN", "LINK_EXPIRED", "LINK_REVOKED"];

function token(): string | null {
  const given = window.location.hash.slice(1);
  return given.length >= 20 ? given : null;
}

/** The token must not stay in the address, where a screenshot or the history would keep it. */
function forget(): void {
  const { pathname, search } = window.location;
  window.history.replaceState(window.history.state, "", pathname + search);
}

/** The interview of whoever is here. Throws a Problem: a reason of the link's, NO_SESSION,
 * SESSION_ENDED where one was open in this browser, or COOKIES_BLOCKED. */
export async function enter(): Promise<Interview> {
  if (!navigator.cookieEnabled) throw new Problem(401, "COOKIES_BLOCKED", "cookies are blocked");
  const given = token();
  if (given === null) return resume("NO_SESSION");
  try {
    await openLink(given, attempt());
  } catch (error) {
    const problem = problemOf(error);
    if (problem.passing) throw problem;
    forget();
    // A link that was opened in this browser before leads back to the same interview.
    if (problem.reason !== "LINK_USED") throw problem;
    return resume("LINK_USED");
  }
  // Not before somebody is in: who allows cookies then, or whose server went away again, opens the same link once more.
  const interview = await resume("COOKIES_BLOCKED");
  forget();
  return interview;
}

let early: Promise<Interview> | null = null;

/** Go in before the page is there that shows it. */
export function enterEarly(): void {
  early = enter();
  early.catch(() => {}); // whoever asks for it hears why
}

/** What `enterEarly` began, once; afterwards as `enter`. */
export function entered(): Promise<Interview> {
  const first = early ?? enter();
  early = null;
  return first;
}

async function resume(otherwise: string): Promise<Interview> {
  try {
    const interview = await getInterview();
    noteHere();
    return interview;
  } catch (error) {
    const problem = problemOf(error);
    if (problem.status !== 401 && problem.status !== 403) throw problem;
    const ended = wasHere() && otherwise !== "COOKIES_BLOCKED";
    throw new Problem(401, ended ? "SESSION_ENDED" : otherwise, problem.detail);
  }
}

/** Which words of the catalogue explain why nobody came in. */
export function wordsFor(
  problem: Problem,
): "used" | "unknown" | "expired" | "revoked" | "cookies" | "none" | "ended" | "away" {
  if (problem.reason === "COOKIES_BLOCKED") return "cookies";
  if (problem.reason === "SESSION_ENDED") return "ended";
  if (problem.passing || problem.status >= 500) return "away";
  const known = NONE.indexOf(problem.reason);
  const words = ["used", "unknown", "expired", "revoked"] as const;
  if (known >= 0) return words[known] ?? "unknown";
  return problem.reason === "NO_SESSION" ? "none" : "unknown";
}
