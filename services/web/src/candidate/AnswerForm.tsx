import { useMutation } from "@tanstack/react-query";
import { useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { ANSWER_MOST, type Answer, submitAnswer, type Turn } from "../api/interview";
import { Problem, problemOf } from "../api/problems";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import type { DraftKeeper, Kept } from "./draft";
import { EmptyDialog } from "./EmptyDialog";
import { useLookAgain, useTakeIn } from "./interviewState";
import { isByEar } from "./voice/useSpoken";

/** The answer in writing. It is kept while it is typed, and sent when the candidate says so. */
export function AnswerForm({
  turn,
  answer,
  language,
  keeper,
  onSpeak,
}: {
  turn: Turn;
  answer: Answer;
  language: string;
  keeper: DraftKeeper;
  onSpeak: () => void;
}) {
  const { t } = useTranslation();
  const takeIn = useTakeIn();
  const lookAgain = useLookAgain();
  const { text, kept } = useSyncExternalStore(keeper.subscribe, keeper.snapshot);
  const [asking, setAsking] = useState(false);
  const sending = useMutation({
    mutationFn: () => {
      const { text: sent } = keeper.state;
      // What was heard, word for word: then its words keep their times.
      const spoken = answer.words.length > 0 && sent.trim() !== "" && isByEar(answer, sent);
      return spoken ? submitAnswer(turn.turn_id, "", "voice") : submitAnswer(turn.turn_id, sent);
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
        id="answer"
        className="field answer"
        lang={language}
        dir="auto"
        value={text}
        readOnly={sending.isPending}
        aria-describedby="question kept"
        aria-invalid={tooLong || undefined}
        onChange={(event) => keeper.type(event.target.value)}
      />
      <KeptLine kept={kept} over={text.length - ANSWER_MOST} />
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
