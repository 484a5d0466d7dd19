import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import type { Answer, Turn } from "../../api/interview";
import { problemOf } from "../../api/problems";
import type { Message } from "../../api/socket";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import type { DraftKeeper } from "../draft";
import { EmptyDialog } from "../EmptyDialog";
import { useMessages } from "../interviewState";
import { hush } from "../ReadAloud";
import { useSending } from "../useSending";
import { CallFaults, CallLine, CallTrouble } from "./CallLine";
import { Caption } from "./Caption";
import { LevelMeter } from "./LevelMeter";
import { Picture } from "./SelfView";
import { type SpokenDraft, shownText } from "./SpokenDraft";
import { useCallState, useGuesses } from "./useCall";
import { useFocusBack } from "./useFocusBack";
import type { VoiceCall } from "./VoiceCall";
import "./voice.css";

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
  spoken: SpokenDraft;
  call: VoiceCall | null;
  reading: boolean;
  onWrite: () => void;
}) {
  const { t } = useTranslation();
  const state = useCallState(call);
  const draft = useSyncExternalStore(keeper.subscribe, keeper.snapshot);
  const { utterances } = useGuesses(turn.turn_id);
  const { began, thinking, setThinking } = useTurnOfSpeech(turn.turn_id);
  const done = async () => (await call?.done(turn.turn_id)) ?? null;
  const sending = useSending(turn, keeper, spoken, done, "voice");
  const [asking, setAsking] = useState(false);
  const sent = sending.isPending;
  // Once it was said that the candidate is done, whatever becomes of the answer then, media listens to it no more.
  const ended = !sending.isIdle;
  useEffect(() => {
    if (call !== null && !ended) {
      call.say(turn.turn_id, reading ? "question" : thinking ? "thinking" : "listening");
    }
  }, [call, turn.turn_id, reading, thinking, ended]);
  useEffect(() => () => call?.leave(turn.turn_id), [call, turn.turn_id]);
  useFocusBack(state?.trouble ?? null, ".caption");

  if (call !== null && state !== null && state.trouble !== null) {
    return <CallTrouble trouble={state.trouble} call={call} onWrite={onWrite} />;
  }
  const guessed = utterances.map((one) => one.text).join(" ");
  const said = shownText(answer, draft);
  const send = () => {
    hush();
    if (said === "" && guessed === "" && !began && answer.gaps.length === 0) setAsking(true);
    else sending.mutate();
  };
  return (
    <div className="stack">
      <div className="voice-line">
        <CallLine
          state={state}
          listening={t(`voice.line.${ended ? "ended" : wordFor(reading, thinking)}`)}
          ready={ended || state?.told}
        />
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
        <Button onClick={send} busy={sent}>
          {t(sent ? "answer.sending" : "answer.send")}
        </Button>
        <Button kind="plain" aria-pressed={thinking} onClick={() => setThinking(!thinking)} disabled={sent}>
          {t("voice.moment")}
        </Button>
        <Button kind="plain" onClick={onWrite} disabled={sent}>
          {t("voice.write")}
        </Button>
      </div>
      {patience !== null && draft.text === "" && (
        <p className="muted small">{t("voice.patience", { seconds: patience })}</p>
      )}
      {asking && (
        <EmptyDialog
          words="voice.empty"
          onClose={() => setAsking(false)}
          onSend={() => {
            setAsking(false);
            sending.mutate();
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
