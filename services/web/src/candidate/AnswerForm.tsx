import { useRef, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { ANSWER_MOST, type Answer, type Turn } from "../api/interview";
import { problemOf } from "../api/problems";
import { signalling } from "../api/voice";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import type { DraftKeeper, Kept } from "./draft";
import { EmptyDialog } from "./EmptyDialog";
import { useCaret } from "./useCaret";
import { useSending } from "./useSending";
import { type SpokenDraft, shownText } from "./voice/SpokenDraft";
import { finish } from "./voice/speech";

/**
 * The answer in writing. It is kept while it is typed, and sent when the candidate says so.
 *
 * @param voiced something was, or may have been, said of it.
 */
export function AnswerForm({
  turn,
  answer,
  language,
  keeper,
  spoken,
  voiced,
  onSpeak,
}: {
  turn: Turn;
  answer: Answer;
  language: string;
  keeper: DraftKeeper;
  spoken: SpokenDraft;
  voiced: boolean;
  onSpeak: () => void;
}) {
  const { t } = useTranslation();
  const field = useRef<HTMLTextAreaElement>(null);
  const draft = useSyncExternalStore(keeper.subscribe, keeper.snapshot);
  const text = shownText(answer, draft);
  useCaret(field, text);
  const [asking, setAsking] = useState(false);
  // Where media is away what is typed goes out all the same; what was said is added once it is back.
  const done = async () => (voiced ? finish(signalling, turn.turn_id).catch(() => null) : null);
  const sending = useSending(turn, keeper, spoken, done, voiced ? "voice" : "text");
  const waiting = sending.isPending && sending.failureCount > 0;
  const tooLong = text.length > ANSWER_MOST;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (sending.isPending || tooLong) return;
        if (text.trim() === "") setAsking(true);
        else sending.mutate();
      }}
    >
      <label htmlFor="answer">{t("answer.label")}</label>
      <textarea
        ref={field}
        id="answer"
        className="field answer"
        lang={language}
        dir="auto"
        value={text}
        readOnly={sending.isPending}
        aria-describedby="question kept"
        aria-invalid={tooLong || undefined}
        onChange={(event) => spoken.type(event.target.value)}
        onCompositionStart={() => spoken.compose(true)}
        // After the last of its input events, which some browsers send later.
        onCompositionEnd={() => setTimeout(() => spoken.compose(false))}
      />
      <KeptLine
        kept={draft.text === "" && text !== "" ? "saved" : draft.kept}
        over={text.length - ANSWER_MOST}
      />
      {sending.isPending && voiced && !waiting && <Notice live>{t("voice.finishing")}</Notice>}
      {waiting && (
        <Notice tone="warn" live>
          {t("answer.waiting")}
        </Notice>
      )}
      {sending.error !== null && (
        <Notice tone="bad" live>
          {t(problemOf(sending.error).reason === "ANSWER_SUBMITTED" ? "answer.elsewhere" : "answer.failed")}
        </Notice>
      )}
      <div className="row">
        <Button type="submit" busy={sending.isPending} disabled={tooLong}>
          {t(sending.isPending ? "answer.sending" : "answer.send")}
        </Button>
        <Button kind="plain" onClick={onSpeak} disabled={sending.isPending}>
          {t("voice.speak")}
        </Button>
      </div>
      {asking && (
        <EmptyDialog
          words="answer.empty"
          onClose={() => setAsking(false)}
          onSend={() => {
            setAsking(false);
            sending.mutate();
          }}
        />
      )}
    </form>
  );
}

function KeptLine({ kept, over }: { kept: Kept; over: number }) {
  const { t } = useTranslation();
  return (
    <p id="kept" className={`kept kept-${kept}`} role="status" data-kept={kept}>
      {kept === "long" ? t("answer.kept.long", { over }) : t(`answer.kept.${kept}`)}
    </p>
  );
}
