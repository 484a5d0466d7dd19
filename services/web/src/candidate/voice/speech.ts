/** What the candidate does about the open answer, told to media in order, and again whenever the call comes back. */
import { problemOf } from "../../api/problems";
import type { Phase, Signalling, Speech } from "../../api/voice";

const AGAIN = 1000;

export class AnswerSpeech {
  private answer: { turnId: string; phase: Phase } | null = null;
  private said: Promise<unknown> = Promise.resolve();

  /**
   * @param signalling to tell it with.
   * @param onClosed the answer takes no voice any more.
   */
  constructor(
    private readonly signalling: Pick<Signalling, "say">,
    private readonly onClosed: () => void,
  ) {}

  /** From now on; `tell` says it. */
  enter(turnId: string, phase: Phase): void {
    this.answer = { turnId, phase };
  }

  /** The turn is over; null: whichever it is. */
  leave(turnId: string | null): void {
    if (turnId === null || this.answer?.turnId === turnId) this.answer = null;
  }

  /** Tell media, after what was told before. Until the line is back, unless something newer is to be told. */
  tell(): void {
    const { answer } = this;
    if (answer === null) return;
    this.said = this.said.then(async () => {
      if (answer !== this.answer) return;
      try {
        await this.signalling.say(answer.turnId, answer.phase);
      } catch (error) {
        const problem = problemOf(error);
        if (answer !== this.answer) return;
        if (problem.reason === "ANSWER_CLOSED") this.onClosed();
        else if (problem.passing) setTimeout(() => answer === this.answer && this.tell(), AGAIN);
      }
    });
  }

  /** As `VoiceCall.done`. */
  async done(turnId: string): Promise<Speech | null> {
    this.answer = null;
    await this.said;
    try {
      return await this.signalling.say(turnId, "done");
    } catch (error) {
      const problem = problemOf(error);
      if (problem.passing) throw problem;
      return null;
    }
  }
}
