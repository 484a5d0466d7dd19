import { useMutation } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { type Answer, getInterview, submitAnswer, type Turn } from "../../api/interview";
import { Problem, problemOf } from "../../api/problems";
import type { Message } from "../../api/socket";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import type { DraftKeeper } from "../draft";
import { EmptyDialog } from "../EmptyDialog";
import { useLookAgain, useMessages, useTakeIn } from "../interviewState";
import { hush } from "../ReadAloud";
import { CallFaults, CallLine, CallTrouble } from "./CallLine";
import { Caption } from "./Caption";
import { LevelMeter } from "./LevelMeter";
import { Picture } from "./SelfView";
import { heardText } from "./spoken";
import { useCallState, useGuesses } from "./useCall";
import type { Spoken } from "./useSpoken";
import type { VoiceCall } from "./VoiceCall";
import "./voice.css";

/** Of the last words: so often, and so long apart, it is asked whether they have reached the interview. */
const LOOKS = 20;
const LOOK_EVERY = 250;

/**
 * The answer by voice: what is understood as it is spoken, and what the candidate can do about it.
 *
 * @param call null until it is fetched.
 * @param reading the question is being read out.
 * @param patience seconds of silence that end the answer.
 */
export function SpokenAnswer({
  turn,
  answer,
  language,
  patience,
  keeper,
  spoken,
  call,
  reading,
  onWrite,
}: {
  turn: Turn;
  answer: Answer;
  language: string;
  patience: number | null;
  keeper: DraftKeeper;
  spoken: Spoken;
  call: VoiceCall | null;
  reading: boolean;
  onWrite: () => void;
}) {
  const { t } = useTranslation();
  const state = useCallState(call);
  const { text } = useSyncExternalStore(keeper.subscribe, keeper.snapshot);
  const { utterances } = useGuesses(turn.turn_id);
  const { began, thinking, setThinking } = useTurnOfSpeech(turn.turn_id);
  const sending = useSending(turn, keeper, spoken, call);
  const [asking, setAsking] = useState(false);
  const sent = sending.isPending;
  useEffect(() => {
    if (call !== null && !sent) {
      call.say(turn.turn_id, reading ? "question" : thinking ? "thinking" : "listening");
    }
  }, [call, turn.turn_id, reading, thinking, sent]);
  useEffect(() => () => call?.leave(turn.turn_id), [call, turn.turn_id]);

  if (call !== null && state !== null && state.trouble !== null) {
    return <CallTrouble trouble={state.trouble} call={call} onWrite={onWrite} />;
  }
  const guessed = utterances.map((one) => one.text).join(" ");
  const said = text === "" ? heardText(answer) : text;
  const done = () => {
    hush();
    if (said === "" && guessed === "" && !began && answer.gaps.length === 0) setAsking(true);
    else sending.mutate(answer);
  };
  return (
    <div className="stack">
      <div className="voice-line">
        <CallLine state={state} listening={t(`voice.line.${wordFor(reading, thinking)}`)} />
        <LevelMeter dbfs={state?.level ?? null} />
      </div>
      {state !== null && <CallFaults state={state} />}
      <Caption
        text={said}
        guessed={guessed || (state?.speaking ? "…" : "")}
        gaps={answer.gaps.length}
        language={language}
      />
      {state !== null && <Picture stream={state.stream} missing={state.cameraMissing} />}
      {sent && (
        <Notice tone={sending.failureCount > 0 ? "warn" : "plain"} live>
          {t(sending.failureCount > 0 ? "voice.waiting" : "voice.finishing")}
        </Notice>
      )}
      {sending.error !== null && (
        <Notice tone="bad" live>
          {t(problemOf(sending.error).reason === "ANSWER_SUBMITTED" ? "answer.elsewhere" : "voice.failed")}
        </Notice>
      )}
      <div className="row">
        <Button onClick={done} busy={sent}>
          {t(sent ? "answer.sending" : "answer.send")}
        </Button>
        <Button kind="plain" aria-pressed={thinking} onClick={() => setThinking(!thinking)} disabled={sent}>
          {t("voice.moment")}
        </Button>
        <Button kind="plain" onClick={onWrite} disabled={sent}>
          {t("voice.write")}
        </Button>
      </div>
      {patience !== null && text === "" && (
        <p className="muted small">{t("voice.patience", { seconds: patience })}</p>
      )}
      {asking && (
        <EmptyDialog
          words="voice.empty"
          onClose={() => setAsking(false)}
          onSend={() => {
            setAsking(false);
            sending.mutate(answer);
          }}
        />
      )}
    </div>
  );
}

function wordFor(reading: boolean, thinking: boolean): "reading" | "thinking" | "listening" {
  if (reading) return "reading";
  return thinking ? "thinking" : "listening";
}

/** Whether the candidate has begun to speak, and whether they asked for a moment: it lasts until they speak. Who speaks
 * while the question is read out has heard enough of it. */
function useTurnOfSpeech(turnId: string) {
  const [began, setBegan] = useState(false);
  const [thinking, setThinking] = useState(false);
  const hear = useCallback(
    ({ type, data }: Message) => {
      if (type !== "speech_started" || data.turn_id !== turnId) return;
      setBegan(true);
      setThinking(false);
      hush();
    },
    [turnId],
  );
  useMessages(hear);
  return { began, thinking, setThinking };
}

/** Done: what was said is written down first, then the answer is closed. */
function useSending(turn: Turn, keeper: DraftKeeper, spoken: Spoken, call: VoiceCall | null) {
  const takeIn = useTakeIn();
  const lookAgain = useLookAgain();
  const newest = useRef(spoken);
  newest.current = spoken;
  return useMutation({
    mutationFn: async (answer: Answer) => {
      const told = (await call?.done(turn.turn_id)) ?? null;
      // A typed answer is what is in it when it is sent, so the last words are waited for. Of a spoken one what is
      // written down late is added afterwards.
      const owed = keeper.state.text !== "" && told !== null && told.finals + told.gaps > 0;
      const now = owed ? await writtenDown(turn.turn_id, answer) : answer;
      const { text, modality } = newest.current.compose(now, keeper.state.text);
      return submitAnswer(turn.turn_id, text, modality);
    },
    // Until the line is back, however long that takes: it is the candidate's answer.
    retry: (_, error) => error instanceof Problem && error.passing,
    retryDelay: 2000,
    onSuccess: (interview) => {
      keeper.close(true);
      takeIn(interview);
    },
    onError: lookAgain,
  });
}

/** The answer with all its words: they are all there once the interview knows how good the line was. */
async function writtenDown(turnId: string, before: Answer): Promise<Answer> {
  let answer = before;
  for (let look = 0; look < LOOKS && answer.line === null; look += 1) {
    if (look > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
    const interview = await getInterview();
    answer = interview.turns.find((one) => one.turn_id === turnId)?.answer ?? answer;
  }
  return answer;
}
