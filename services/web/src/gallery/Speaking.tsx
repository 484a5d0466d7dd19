import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CallFaults, CallLine, CallTrouble } from "../candidate/voice/CallLine";
import { Caption } from "../candidate/voice/Caption";
import { type CallState, type CallLine as Line, OFF, type Trouble } from "../candidate/voice/callState";
import { LevelMeter } from "../candidate/voice/LevelMeter";
import { Picture } from "../candidate/voice/SelfView";
import { createCall } from "../candidate/voice/VoiceCall";
import "../candidate/candidate.css";
import "../candidate/voice/voice.css";
import { Part, State } from "./Part";

const LINES: Line[] = ["asking", "connecting", "connected", "lost"];
const FAULTS = ["silent", "too_quiet", "clipping", "loss", "jitter"] as const;
const TROUBLES: Trouble[] = [
  "insecure",
  "unsupported",
  "denied",
  "missing",
  "busy",
  "vanished",
  "elsewhere",
  "language",
  "textOnly",
  "consent",
  "closed",
  "unreachable",
  "refused",
  "answer",
];
const SAID = "In 2019 I rebuilt the ledger, and the batch fell";

/** What a spoken answer is made with. */
export function Speaking() {
  const { t } = useTranslation();
  const [call] = useState(createCall);
  const connected: CallState = { ...OFF, line: "connected" };
  return (
    <>
      <Part name="LevelMeter">
        {[null, -50, -30, -6].map((dbfs) => (
          <State key={dbfs} of={dbfs === null ? "nothing comes through" : `${dbfs} dBFS`}>
            <LevelMeter dbfs={dbfs} />
          </State>
        ))}
      </Part>
      <Part name="Caption">
        <State of="nothing yet">
          <Caption text="" guessed="" gaps={0} language="en" />
        </State>
        <State of="sure and guessed words, two gaps">
          <Caption text={SAID} guessed="to six minutes" gaps={2} language="en" />
        </State>
        <State of="more than it has room for">
          <Caption text={`${SAID}. `.repeat(30)} guessed="" gaps={0} language="en" />
        </State>
      </Part>
      <Part name="CallLine">
        {LINES.map((line) => (
          <State key={line} of={line}>
            <CallLine state={{ ...OFF, line }} listening={t("voice.line.listening")} />
          </State>
        ))}
      </Part>
      <Part name="CallFaults">
        {FAULTS.map((fault) => (
          <State key={fault} of={fault}>
            <CallFaults state={{ ...connected, faults: [fault] }} />
          </State>
        ))}
        {(["delayed", "text_only"] as const).map((transcription) => (
          <State key={transcription} of={transcription}>
            <CallFaults state={{ ...connected, transcription }} />
          </State>
        ))}
      </Part>
      <Part name="CallTrouble">
        {TROUBLES.map((trouble) => (
          <State key={trouble} of={trouble}>
            <CallTrouble trouble={trouble} call={call} onWrite={() => {}} />
          </State>
        ))}
      </Part>
      <Part name="Picture">
        <State of="a camera was wanted and there is none">
          <Picture stream={null} missing />
        </State>
      </Part>
    </>
  );
}
