import { useMutation } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { ANSWER_MOST, saveDraft, submitAnswer, type Turn } from "../api/interview";
import { Problem, problemOf } from "../api/problems";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Notice } from "../ui/Notice";
import { DraftKeeper, type Kept } from "./draft";
import { useLookAgain, useTakeIn } from "./interviewState";

function deviceStorage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

function useDraft(turn: Turn): DraftKeeper {
  const lookAgain = useLookAgain();
  const [keeper] = useState(() => {
    const server = { text: turn.answer?.draft ?? "", revision: turn.answer?.draft_revision ?? 0 };
    const save = (text: string, revision: number) => saveDraft(turn.turn_id, text, revision);
    return new DraftKeeper(turn.turn_id, server, save, deviceStorage(), lookAgain);
  });
  useEffect(() => {
    keeper.open();
    window.addEventListener("storage", keeper.heard);
    window.addEventListener("online", keeper.retry);
    return () => {
      window.removeEventListener("storage", keeper.heard);
      window.removeEventListener("online", keeper.retry);
      keeper.close(false);
    };
  }, [keeper]);
  return keeper;
}

/** The answer in writing. It is kept while it is typed, and sent when the candidate says so. */
export function AnswerForm({ turn, language }: { turn: Turn; language: string }) {
  const { t } = useTranslation();
  const takeIn = useTakeIn();
  const lookAgain = useLookAgain();
  const keeper = useDraft(turn);
  const { text, kept } = useSyncExternalStore(keeper.subscribe, keeper.snapshot);
  const [asking, setAsking] = useState(false);
  const sending = useMutation({
    mutationFn: () => submitAnswer(turn.turn_id, keeper.state.text),
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
      </div>
      {asking && (
        <Dialog title={t("answer.empty.title")} onClose={() => setAsking(false)}>
          <p>{t("answer.empty.what")}</p>
          <div className="row">
            <Button
              onClick={() => {
                setAsking(false);
                sending.mutate();
              }}
            >
              {t("answer.empty.send")}
            </Button>
            <Button kind="plain" onClick={() => setAsking(false)}>
              {t("answer.empty.back")}
            </Button>
          </div>
        </Dialog>
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
