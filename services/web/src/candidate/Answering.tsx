import { useEffect, useRef, useState } from "react";
import type { Answer, Interview, Turn } from "../api/interview";
import { AnswerForm } from "./AnswerForm";
import { hush, ReadAloud } from "./ReadAloud";
import { useDraft } from "./useDraft";
import { type Modality, useVoice } from "./voice/held";
import { SpokenAnswer } from "./voice/SpokenAnswer";
import { useSpoken } from "./voice/useSpoken";

/** The answer to a question that was asked: in writing or by voice, and from one to the other at any time. */
export function Answering({ turn, answer, interview }: { turn: Turn; answer: Answer; interview: Interview }) {
  const { modality, choose, call } = useVoice();
  const keeper = useDraft(turn);
  const spoken = useSpoken(answer, keeper);
  const [reading, setReading] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const switched = useRef(false);
  const voiced = useRef(false);
  const language = interview.language ?? "en";
  const change = (to: Modality) => {
    hush();
    if (to === "text") spoken.write();
    switched.current = true;
    choose(to);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the candidate begins to speak
  useEffect(() => {
    if (modality === "voice") {
      voiced.current = true;
      spoken.speak();
    }
    if (!switched.current) return;
    switched.current = false;
    // The button that was pressed is gone: the keyboard goes on where the answer is.
    place.current?.querySelector<HTMLElement>("textarea, .caption, .notice[tabindex]")?.focus();
  }, [modality]);
  return (
    <div className="stack" ref={place}>
      <ReadAloud text={turn.question?.text ?? ""} language={language} onReading={setReading} />
      {modality === "voice" ? (
        <SpokenAnswer
          turn={turn}
          answer={answer}
          language={language}
          patience={interview.patience_seconds}
          keeper={keeper}
          spoken={spoken}
          call={call}
          reading={reading}
          onWrite={() => change("text")}
        />
      ) : (
        <AnswerForm
          turn={turn}
          answer={answer}
          language={language}
          keeper={keeper}
          spoken={spoken}
          voiced={voiced.current || answer.words.length > 0 || answer.gaps.length > 0}
          onSpeak={() => change("voice")}
        />
      )}
    </div>
  );
}
