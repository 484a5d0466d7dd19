/** Closing an answer: what was said is written down first, as far as it can be waited for. */
import { type UseMutationResult, useMutation } from "@tanstack/react-query";
import { type Answer, getInterview, type Interview, submitAnswer, type Turn } from "../api/interview";
import { Problem } from "../api/problems";
import type { Speech } from "../api/voice";
import type { DraftKeeper } from "./draft";
import { useLookAgain, useTakeIn } from "./interviewState";
import type { SpokenDraft } from "./voice/SpokenDraft";

/** Of the last words: so often, and so long apart, it is asked whether they have reached the interview. */
const LOOKS = 20;
const LOOK_EVERY = 250;

/**
 * Sends the answer as it stands then.
 *
 * @param done tells media that nothing more is said; null where it knows nothing of it.
 * @param by how an answer without a text is given.
 */
export function useSending(
  turn: Turn,
  keeper: DraftKeeper,
  spoken: SpokenDraft,
  done: () => Promise<Speech | null>,
  by: "text" | "voice",
): UseMutationResult<Interview, Error, void> {
  const takeIn = useTakeIn();
  const lookAgain = useLookAgain();
  return useMutation({
    onMutate: () => keeper.hold(true),
    mutationFn: async () => {
      const told = await done();
      // The last words are waited for, so that they stand where they were said. Of a spoken answer, and of a typed one
      // that cannot wait for ever, what is written down late is added afterwards.
      const looks = keeper.state.text === "" || by === "text" ? 0 : looksFor(told);
      const now = await writtenDown(turn.turn_id, spoken.answer, looks);
      const { text, modality, passagesSeen } = spoken.closed(now, by);
      return submitAnswer(turn.turn_id, text, modality, passagesSeen);
    },
    // Until the line is back, however long that takes: it is the candidate's answer.
    retry: (_, error) => error instanceof Problem && error.passing,
    retryDelay: 2000,
    onSuccess: (interview) => {
      keeper.close(true);
      takeIn(interview);
    },
    onError: () => {
      keeper.hold(false);
      lookAgain();
    },
  });
}

/** Once where media knows nothing: this page may have missed what the interview was told. */
function looksFor(told: Speech | null): number {
  if (told === null) return 1;
  const { finals, gaps, pending_seconds } = told;
  return finals + gaps > 0 || (pending_seconds ?? 0) > 0 ? LOOKS : 0;
}

/** The answer with all its words: they are all there once the interview knows how good the line was. */
async function writtenDown(turnId: string, before: Answer, looks: number): Promise<Answer> {
  let answer = before;
  for (let look = 0; look < looks && answer.line === null; look += 1) {
    if (look > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
    const interview = await getInterview();
    answer = interview.turns.find((one) => one.turn_id === turnId)?.answer ?? answer;
  }
  return answer;
}
