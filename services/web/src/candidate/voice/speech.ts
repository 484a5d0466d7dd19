/** What the candidate does about the open answer, told to media in order, and again whenever the call comes back. */
import { type Problem, problemOf } from "../../api/problems";
import type { Phase, Signalling, Speech } from "../../api/voice";
import { mayPass } from "./callState";

const AGAIN = 1000;

/** What becomes of it. */
export interface Heard {
  /** Whether anybody can be heard from here: else media would listen to nobody, and give the answer up. */
  speaks: () => boolean;
  /** Media knows it. */
  onTold: (speech: Speech) => void;
  /** The answer takes no voice any more. */
  onClosed: () => void;
  /** It may not be said, and trying again would not help. */
  onRefused: (problem: Problem) => void;
}

export class AnswerSpeech {
  private answer: { turnId: string; phase: Phase } | null = null;
  private said: Promise<unknown> = Promise.resolve();

  /**
   * @param signalling to tell it with.
   * @param heard what becomes of it.
   */
  constructor(
    private readonly signalling: Pick<Signalling, "say">,
    private readonly heard: Heard,
  ) {}

  /** From now on; `tell` says it. Whether it is another turn than before. */
  enter(turnId: string, phase: Phase): boolean {
    const another = this.answer?.turnId !== turnId;
    this.answer = { turnId, phase };
    return another;
  }

  /** The turn is over; null: whichever it is. */
  leave(turnId: string | null): void {
    if (turnId === null || this.answer?.turnId === turnId) this.answer = null;
  }

  /** Tell media, after what was told before. Until the line is back, unless something newer is to be told. */
  tell(): void {
    const { answer } = this;
    if (answer === null) return;
    const stale = () => answer !== this.answer || !this.heard.speaks();
    this.said = this.said.then(async () => {
      if (stale()) return;
      try {
        const speech = await this.signalling.say(answer.turnId, answer.phase);
        if (!stale()) this.heard.onTold(speech);
      } catch (error) {
        const problem = problemOf(error);
        if (stale()) return;
        if (problem.reason === "ANSWER_CLOSED") {
          this.heard.onClosed();
        } else if (mayPass(problem) || problem.reason === "PEER_NOT_FOUND") {
          // Where media began anew and knows nobody, the call comes back by itself.
          setTimeout(() => !stale() && this.tell(), AGAIN);
        } else {
          this.heard.onRefused(problem);
        }
      }
    });
  }

  /** As `VoiceCall.done`. */
  async done(turnId: string): Promise<Speech | null> {
    this.answer = null;
    await this.said;
    return finish(this.signalling, turnId);
  }
}

/** The candidate is done with a turn: as `VoiceCall.done`, without a call. */
export async function finish(signalling: Pick<Signalling, "say">, turnId: string): Promise<Speech | null> {
  try {
    return await signalling.say(turnId, "done");
  } catch (error) {
    const problem = problemOf(error);
    if (problem.passing) throw problem;
    return null;
  }
}
