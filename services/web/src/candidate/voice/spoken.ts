/** What was heard of an answer, and how it comes together with what is typed. */
import type { Answer } from "../../api/interview";
import type { Message } from "../../api/socket";

/** What was understood of the utterances that are not final yet, in their order; `turnId` whose. */
export interface Guesses {
  turnId: string;
  utterances: readonly { id: string; start: number; text: string }[];
  /** Everything that began before it is final. */
  settled: number;
}

export const nothingGuessed = (turnId: string): Guesses => ({ turnId, utterances: [], settled: -1 });

/** The guesses after a message of the live socket. */
export function guess(before: Guesses, { type, data }: Message): Guesses {
  if (type === "transcript_delta" && data.turn_id === before.turnId) {
    const heard = {
      id: String(data.utterance_id),
      start: Number(data.start_seconds),
      text: String(data.text),
    };
    if (heard.start <= before.settled) return before; // overtaken by its final
    const others = before.utterances.filter((one) => one.id !== heard.id);
    return { ...before, utterances: [...others, heard].sort((one, other) => one.start - other.start) };
  }
  if (type !== "transcript_final" && type !== "transcript_gap") return before;
  const event = (data.event ?? {}) as Record<string, unknown>;
  if (event.turn_id !== before.turnId) return before;
  const settled = Math.max(before.settled, startOf(before, event));
  return { ...before, settled, utterances: before.utterances.filter((one) => one.start > settled) };
}

function startOf({ utterances }: Guesses, event: Record<string, unknown>): number {
  const same = utterances.find((one) => one.id === event.utterance_id);
  if (same !== undefined) return same.start;
  // Of a final the first word's place, which no utterance that is still under way comes before; of a gap its own.
  const [first] = Array.isArray(event.words) ? (event.words as { start_seconds?: unknown }[]) : [];
  const start = first?.start_seconds ?? event.start_seconds;
  return typeof start === "number" ? start : -1;
}

/** The words that are final, in the order in which they were spoken. */
export function heardText(answer: Answer): string {
  return textOf(answer.words);
}

/** Those from a place on, in the order in which they came: a passage may be written down after one that was spoken
 * later, and in this order none moves then. */
export function wordsFrom(answer: Answer, from: number): string {
  return textOf(asTheyCame(answer).slice(from));
}

function asTheyCame({ words, passages }: Answer): Answer["words"] {
  return passages.flatMap(({ first_word, words: count }) => words.slice(first_word, first_word + count));
}

function textOf(words: Answer["words"]): string {
  return words.map((word) => word.text).join(" ");
}

/** Fewer words in a row are in many a text by chance. */
const SURELY = 3;

/** How many of the heard words, from the first on, a text of unknown origin holds. In doubt none: a word that is there
 * twice is seen and can be struck out, one that is missing is not. */
export function wordsIn(answer: Answer, text: string): number {
  const all = answer.words.length;
  const held = ` ${text.replace(/\s+/g, " ").trim()} `;
  if (held.includes(` ${heardText(answer)} `)) return all;
  const came = asTheyCame(answer);
  const holds = (count: number) => held.includes(` ${textOf(came.slice(0, count))} `);
  for (let count = all; count > 0; count -= 1) {
    if (holds(count)) return count === all || count >= SURELY ? count : 0;
  }
  return 0;
}

/** How many passages, as they came, are in a text that holds so many of the heard words, or were struck out of it. Null:
 * there is no text, and the answer is what is heard. */
export function passagesIn(answer: Answer, text: string, taken: number | null): number | null {
  if (text === "" && taken === null) return null;
  let left = taken ?? wordsIn(answer, text);
  let seen = 0;
  for (const { words } of answer.passages) {
    left -= words;
    if (left < 0) break;
    seen += 1;
  }
  return seen;
}

/** A text, and what was heard after it. */
export function joined(text: string, heard: string): string {
  const before = text.trimEnd();
  return before === "" || heard === "" ? before + heard : `${before} ${heard}`;
}
