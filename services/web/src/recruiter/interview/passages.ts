/** Where a quote stands in an answer, and how an answer is cut into what is marked and what is not. */
import type { Answer, Quote } from "../../api/interviews";

/** text.slice(start, end) of the revision's text (UTF-16, as the browser counts). */
export interface Passage {
  revision: number;
  start: number;
  end: number;
}

export interface Version {
  revision: number;
  text: string;
}

/** What is shown of an answer: what was said first, and what the candidate made of it where that differs. */
export function shownVersions(answer: Answer): { original: Version; corrected: Version | null } {
  const first = answer.revisions[0] ?? { revision: 1, text: answer.text };
  const last = answer.revisions.at(-1) ?? first;
  const original = { revision: first.revision, text: first.text };
  const differs = last.revision !== first.revision && last.text !== first.text;
  return { original, corrected: differs ? { revision: last.revision, text: last.text } : null };
}

/**
 * Where a quote stands. The span that came with it (code points of the scored revision) is believed only where it holds
 * the quote's words; otherwise the words are looked for, whatever their case, spaces and quotation marks. Null: nowhere.
 */
export function findQuote(quote: Quote, answer: Answer, scoredRevision: number): Passage | null {
  const { original, corrected } = shownVersions(answer);
  const shown = corrected === null ? [original] : [corrected, original];
  const scored = shown.filter(({ revision }) => revision === scoredRevision);
  for (const { revision, text } of scored) {
    const spanned = bySpan(quote, text);
    if (spanned !== null) return { revision, ...spanned };
  }
  for (const { revision, text } of [...scored, ...shown]) {
    const found = byWords(quote.text, text);
    if (found !== null) return { revision, ...found };
  }
  return null;
}

function bySpan(quote: Quote, text: string): { start: number; end: number } | null {
  if (quote.span === null) return null;
  const points = Array.from(text);
  const start = points.slice(0, quote.span.start).join("").length;
  const inside = points.slice(quote.span.start, quote.span.end).join("");
  if (plain(inside).text.trim() !== plain(quote.text).text.trim()) return null;
  return { start, end: start + inside.length };
}

function byWords(wanted: string, text: string): { start: number; end: number } | null {
  const needle = plain(wanted).text.trim();
  if (needle === "") return null;
  const { text: hay, from } = plain(text);
  const at = hay.indexOf(needle);
  if (at < 0) return null;
  return { start: from[at] ?? 0, end: from[at + needle.length] ?? text.length };
}

/** The text as it is compared, and for each of its units where that began in the original. */
function plain(text: string): { text: string; from: number[] } {
  let made = "";
  const from: number[] = [];
  let at = 0;
  for (const point of text) {
    const space = /\s/u.test(point);
    const mark = /[‘’‚‛`´]/u.test(point) ? "'" : /[“”„‟«»]/u.test(point) ? '"' : null;
    const piece = space ? " " : (mark ?? point.normalize("NFKC").toLowerCase());
    if (!(space && made.endsWith(" "))) {
      made += piece;
      for (let unit = 0; unit < piece.length; unit += 1) from.push(at);
    }
    at += point.length;
  }
  from.push(text.length);
  return { text: made, from };
}

export interface Piece {
  text: string;
  start: number;
  marked: boolean;
  unsure: boolean;
}

type Range = { start: number; end: number };

/** The text in pieces: what a quote marks, and what speech to text was unsure of. */
export function pieces(text: string, marked: Range | null, unsure: readonly Range[]): Piece[] {
  const within = (range: Range, at: number) => range.start <= at && at < range.end;
  const edges = new Set([0, text.length]);
  for (const { start, end } of marked === null ? unsure : [...unsure, marked]) edges.add(start).add(end);
  const cuts = [...edges].filter((edge) => edge >= 0 && edge <= text.length).sort((a, b) => a - b);
  return cuts.slice(0, -1).map((start, index) => ({
    text: text.slice(start, cuts[index + 1]),
    start,
    marked: marked !== null && within(marked, start),
    unsure: unsure.some((range) => within(range, start)),
  }));
}

/** Below it a word may have been misheard. */
export const UNSURE = 0.6;

/** Where the words stand that speech to text was unsure of. */
export function unsureWords(answer: Answer, text: string): Range[] {
  const found: Range[] = [];
  let from = 0;
  for (const word of answer.words) {
    const start = text.indexOf(word.text, from);
    if (start < 0) continue;
    from = start + word.text.length;
    if (word.confidence < UNSURE) found.push({ start, end: from });
  }
  return found;
}

/** Seconds as a time code: 75.4 is 1:15. */
export function timeCode(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
