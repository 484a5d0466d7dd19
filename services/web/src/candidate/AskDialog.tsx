import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { askEmployer, type RequestKind } from "../api/interview";
import { problemOf } from "../api/problems";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Notice } from "../ui/Notice";
import { useTakeIn } from "./interviewState";

const MOST = 4000;

/** Asks the employer for a person or for an accommodation. */
export function AskDialog({ kind, onClose }: { kind: RequestKind; onClose: () => void }) {
  const { t } = useTranslation();
  const takeIn = useTakeIn();
  const field = useId();
  const [text, setText] = useState("");
  const asking = useMutation({
    mutationFn: () => askEmployer(kind, text),
    onSuccess: (interview) => {
      takeIn(interview);
      onClose();
    },
  });
  const words = kind === "human_review" ? "human" : "accommodation";
  return (
    <Dialog title={t(`ask.${words}.title`)} onClose={onClose}>
      <p>{t(`ask.${words}.what`)}</p>
      <label htmlFor={field}>{t("ask.text")}</label>
      <textarea
        id={field}
        className="field"
        value={text}
        maxLength={MOST}
        onChange={(event) => setText(event.target.value)}
      />
      {asking.error !== null && (
        <Notice tone="bad" live>
          {t(problemOf(asking.error).reason === "TOO_MANY_REQUESTS" ? "ask.many" : "ask.failed")}
        </Notice>
      )}
      <div className="row">
        <Button onClick={() => asking.mutate()} busy={asking.isPending}>
          {t("ask.send")}
        </Button>
        <Button kind="plain" onClick={onClose}>
          {t("dialog.cancel")}
        </Button>
      </div>
    </Dialog>
  );
}
