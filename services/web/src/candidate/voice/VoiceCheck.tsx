import { useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Interview } from "../../api/interview";
import { Select } from "../../ui/Inputs";
import { Notice } from "../../ui/Notice";
import { CallFaults, CallLine, CallTrouble } from "./CallLine";
import type { CallState } from "./callState";
import { chooseMicrophone } from "./devices";
import { type Modality, sees, useVoice } from "./held";
import { LevelMeter, percentOf } from "./LevelMeter";
import { Picture } from "./SelfView";
import { useCallState, useMicrophones } from "./useCall";
import { useFocusBack } from "./useFocusBack";
import type { VoiceCall } from "./VoiceCall";
import "./voice.css";

const WAYS: readonly Modality[] = ["text", "voice"];
/** A sentence to try, in the language that will be spoken. */
const PRACTICE = {
  en: "I have prepared for this interview, and I am ready to begin.",
  ko: "면접 준비를 마쳤고 이제 시작하겠습니다.",
};
/** So loud, of 100, is a voice and no quiet room. */
const A_VOICE = 30;

/** In writing or by voice; and, by voice, whether microphone and network will do. */
export function VoiceCheck({ interview }: { interview: Interview }) {
  const { t } = useTranslation();
  const { modality, choose, call } = useVoice();
  const state = useCallState(call);
  const name = useId();
  useFocusBack(state?.trouble ?? null, `[name="${name}"]:checked`);
  return (
    <div className="card stack">
      <fieldset className="stack-tight">
        <legend className="choice-title">{t("voice.check.title")}</legend>
        <p>{t("voice.check.what")}</p>
        <div className="row">
          {WAYS.map((way) => (
            <label key={way} className="option">
              <input type="radio" name={name} checked={modality === way} onChange={() => choose(way)} />
              {t(`voice.check.${way}`)}
            </label>
          ))}
        </div>
      </fieldset>
      {modality === "text" && <p className="muted">{t("voice.check.asks")}</p>}
      {modality === "voice" && (
        <Check
          call={call}
          state={state}
          language={interview.language ?? "en"}
          camera={sees(interview)}
          onWrite={() => choose("text")}
        />
      )}
    </div>
  );
}

function Check({
  call,
  state,
  language,
  camera,
  onWrite,
}: {
  call: VoiceCall | null;
  state: CallState | null;
  language: keyof typeof PRACTICE;
  camera: boolean;
  onWrite: () => void;
}) {
  const { t } = useTranslation();
  const heard = useHeard(state);
  if (call === null || state === null) return <CallLine state={state} listening="" />;
  if (state.trouble !== null) return <CallTrouble trouble={state.trouble} call={call} onWrite={onWrite} />;
  return (
    <div className="stack">
      <CallLine state={state} listening={t("voice.check.connected")} />
      {state.line === "asking" && camera && <p className="muted">{t("voice.check.camera")}</p>}
      <Microphone call={call} state={state} />
      <LevelMeter dbfs={state.level} />
      {state.line === "connected" && (
        <div className="stack-tight">
          <p>{t("voice.check.say")}</p>
          <p className="practice" lang={language}>
            {PRACTICE[language]}
          </p>
          <p className="muted small">{t("voice.check.headset")}</p>
        </div>
      )}
      <div role="status">{heard && <Notice tone="ok">{t("voice.check.heard")}</Notice>}</div>
      <CallFaults state={state} />
      <Picture stream={state.stream} missing={state.cameraMissing} />
    </div>
  );
}

/** Whether a voice has reached Viva from this microphone. */
function useHeard(state: CallState | null): boolean {
  const [heardFrom, setHeardFrom] = useState<MediaStream | null>(null);
  const stream = state?.stream ?? null;
  const loud = percentOf(state?.level ?? null) >= A_VOICE;
  useEffect(() => {
    if (loud) setHeardFrom(stream);
  }, [loud, stream]);
  return stream !== null && heardFrom === stream;
}

/** Which microphone, where there is a choice. */
function Microphone({ call, state }: { call: VoiceCall; state: CallState }) {
  const { t } = useTranslation();
  const microphones = useMicrophones(state.stream);
  if (microphones.length === 0) return null;
  const used = state.stream?.getAudioTracks()[0]?.getSettings().deviceId ?? "";
  return (
    <Select
      label={t("voice.check.microphone")}
      value={used}
      onChange={(deviceId) => {
        chooseMicrophone(deviceId);
        void call.open();
      }}
    >
      {microphones.map((one, index) => (
        <option key={one.deviceId} value={one.deviceId}>
          {one.label || t("voice.check.nameless", { number: index + 1 })}
        </option>
      ))}
    </Select>
  );
}
