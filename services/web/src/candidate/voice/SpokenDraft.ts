/** An answer that is spoken and typed: once a word is typed the text counts, and what is heard is added to it. */
import type { Answer } from "../../api/interview";
import type { DraftKeeper, DraftState } from "../draft";
import { heardText, joined, wordsFrom, wordsIn } from "./spoken";

/** An answer as it is sent. A spoken one is what was heard, and needs no text. */
export interface Sent {
  text: string;
  modality: "text" | "voice";
  /** How many passages were there when it was written: what comes before it arrives is added to it there. */
  passagesSeen: number;
}

export class SpokenDraft {
  /** The text up to where what is heard late belongs: before what was typed after it. Null: to the end. */
  private before: string | null = null;
  private composing = false;

  /**
   * @param keeper of the text, and of how many of the heard words are in it.
   * @param answer as the interview has it.
   */
  constructor(
    private readonly keeper: DraftKeeper,
    public answer: Answer,
  ) {}

  /** The answer as the interview has it now. */
  hears(answer: Answer): void {
    this.answer = answer;
    this.takeIn();
  }

  /** The candidate types from now on, after what was heard so far. */
  write(): void {
    const { answer, keeper } = this;
    this.takeIn();
    const { text, taken } = keeper.state;
    if (taken === null) {
      if (text === "" && answer.words.length > 0) keeper.type(heardText(answer), answer.words.length);
      else keeper.count(answer.words.length);
    }
    this.before = keeper.state.text;
  }

  /** The candidate speaks again; what they typed stays. */
  speak(): void {
    const { answer, keeper } = this;
    this.before = null;
    const { text, taken } = keeper.state;
    if (!isByEar(answer, text)) {
      if (taken === null) keeper.count(wordsIn(answer, text));
      this.takeIn();
    } else if (text !== "") {
      keeper.type("", null);
    } else if (taken !== null) {
      keeper.count(null);
    }
  }

  /** A hand has changed what `shownText` gave. */
  type(text: string): void {
    const { answer, keeper } = this;
    const first = keeper.state.taken === null;
    if (first && keeper.state.text === "") this.before = heardText(answer);
    keeper.type(text, first ? answer.words.length : keeper.state.taken);
  }

  /** Whether a character is being composed: an input method loses it when the text changes under it. */
  compose(composing: boolean): void {
    this.composing = composing;
    if (!composing) this.takeIn();
  }

  /** What is sent of the answer as the interview had it when it was `asked`. `by`: how one without a word is given. */
  closed(asked: Answer, by: Sent["modality"]): Sent {
    // The live socket may have told more meanwhile, and that is in the text.
    const now = asked.passages.length < this.answer.passages.length ? this.answer : asked;
    const { text, taken } = this.keeper.state;
    const passagesSeen = now.passages.length;
    const byEar: Sent = { text: "", modality: "voice", passagesSeen };
    if (text.trim() === "") {
      const struckOut = taken !== null && taken > 0;
      return !struckOut && (by === "voice" || now.words.length > 0)
        ? byEar
        : { text, modality: "text", passagesSeen };
    }
    const whole = this.with(wordsFrom(now, taken ?? wordsIn(now, text))).text;
    return isByEar(now, whole) ? byEar : { text: whole, modality: "text", passagesSeen };
  }

  /** Nothing while there is no text: what is heard is the answer then. */
  private takeIn(): void {
    const { answer, keeper } = this;
    const { text, taken } = keeper.state;
    if (this.composing || (taken === null && text === "")) return;
    const from = taken ?? wordsIn(answer, text);
    const late = wordsFrom(answer, from);
    if (late !== "") {
      const { text: whole, before } = this.with(late);
      this.before = before;
      keeper.type(whole, answer.words.length);
    } else if (from !== taken && answer.words.length > 0) {
      keeper.count(from);
    }
  }

  /** The text with what was heard late, and the place of what comes after that. */
  private with(late: string): { text: string; before: string | null } {
    const { before } = this;
    const { text } = this.keeper.state;
    if (late === "") return { text, before };
    if (before === null || !text.startsWith(before)) return { text: joined(text, late), before: null };
    const spoken = joined(before, late);
    const typed = text.slice(before.length);
    return {
      text: typed === "" || /^\s/.test(typed) ? spoken + typed : `${spoken} ${typed}`,
      before: spoken,
    };
  }
}

/** What the answer reads like: what was heard, until a hand has changed it. */
export function shownText(answer: Answer, { text, taken }: DraftState): string {
  return text === "" && taken === null ? heardText(answer) : text;
}

/** Whether the text is what was heard, and no hand's. */
export function isByEar(answer: Answer, text: string): boolean {
  const typed = text.trim();
  return typed === "" || (answer.words.length > 0 && typed === heardText(answer));
}
