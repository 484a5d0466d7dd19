import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import type { CallState, Trouble } from "./callState";
import type { VoiceCall } from "./VoiceCall";

/** Troubles that trying again cannot mend. */
const FINAL: readonly Trouble[] = [
  "insecure",
  "unsupported",
  "language",
  "textOnly",
  "consent",
  "closed",
  "answer",
];

/** How the connection stands, in words. `listening`: what to say while all is well; `ready`: whether it is, once the
 * connection stands. */
export function CallLine({
  state,
  listening,
  ready = true,
}: {
  state: CallState | null;
  listening: string;
  ready?: boolean;
}) {
  const { t } = useTranslation();
  const stands = state === null || state.line === "off" ? "connecting" : state.line;
  const line = stands === "connected" && !ready ? "connecting" : stands;
  return (
    <p className={`call-line call-${line}`} role="status" data-line={line}>
      {line === "connected" ? listening : t(`voice.line.${line}`)}
    </p>
  );
}

/** What is wrong with what is heard, or with how it is written down: the most pressing of it. */
export function CallFaults({ state }: { state: CallState }) {
  const { t } = useTranslation();
  const [fault] = state.faults;
  return (
    <div aria-live="polite">
      {state.transcription !== "live" && (
        <Notice tone="warn">
          <p>{t(`voice.transcription.${state.transcription}`)}</p>
        </Notice>
      )}
      {state.transcription === "live" && fault !== undefined && state.line === "connected" && (
        <Notice tone="warn">
          <p>{t(`voice.faults.${fault}`)}</p>
        </Notice>
      )}
    </div>
  );
}

/** Why nobody is heard, and the ways on. It takes the focus: whatever had it may be gone, and nobody speaks to a page
 * that does not listen without being told. */
export function CallTrouble({
  trouble,
  call,
  onWrite,
}: {
  trouble: Trouble;
  call: VoiceCall;
  onWrite: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Notice key={trouble} tone="warn" title={t(`voice.trouble.${trouble}.title`)} live focused>
      <p>{t(`voice.trouble.${trouble}.what`)}</p>
      <p>{t("voice.trouble.writing")}</p>
      <div className="row">
        <Button onClick={onWrite}>{t("voice.write")}</Button>
        {trouble === "elsewhere" ? (
          <Button kind="plain" onClick={() => void call.takeOver()}>
            {t("voice.here")}
          </Button>
        ) : (
          !FINAL.includes(trouble) && (
            <Button kind="plain" onClick={() => void call.open()}>
              {t("voice.again")}
            </Button>
          )
        )}
      </div>
    </Notice>
  );
}
