import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Criterion, scoreByHand } from "../../api/interviews";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { DialogFoot } from "../DialogFoot";
import { useLookAgain } from "./queries";
import { REASON_LEAST, REASON_MOST, reasonIsEnough } from "./reason";

interface Props {
  interviewId: string;
  turnId: string;
  criterion: Criterion;
  language: string;
  onClose: () => void;
}

/** A person scores what the model left open: one of the rubric's bands, and why. */
export function HandScore({ interviewId, turnId, criterion, language, onClose }: Props) {
  const { t } = useTranslation();
  const lookAgain = useLookAgain(interviewId);
  const [band, setBand] = useState<number | null>(null);
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const scoring = useMutation({
    mutationFn: (score: number) =>
      scoreByHand(interviewId, turnId, criterion.criterion_id, score, reason.trim()),
    onSuccess: async () => {
      await lookAgain();
      onClose();
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (band !== null && reasonIsEnough(reason) && !scoring.isPending) scoring.mutate(band);
  };
  const anchors = [...criterion.anchors].sort((a, b) => a.band - b.band);
  return (
    <Dialog title={t("reviewer.handScore.title", { criterion: criterion.title })} onClose={onClose}>
      <form className="stack" onSubmit={send}>
        <p className="small">{t("reviewer.handScore.what")}</p>
        <fieldset className="stack-tight">
          <legend className="label">{t("reviewer.handScore.band")}</legend>
          {anchors.map((anchor) => (
            <label key={anchor.band} className="choice-line">
              <input
                type="radio"
                name="band"
                checked={band === anchor.band}
                onChange={() => setBand(anchor.band)}
              />
              <span>
                <strong>{anchor.band}</strong> <span lang={language}>{anchor.description}</span>
              </span>
            </label>
          ))}
          {tried && band === null && (
            <p className="wrong small" role="alert">
              {t("reviewer.handScore.choose")}
            </p>
          )}
        </fieldset>
        <Field
          label={t("reviewer.reason.label")}
          hint={t("reviewer.reason.hint", { count: REASON_LEAST })}
          error={tried && !reasonIsEnough(reason) && t("reviewer.reason.short", { count: REASON_LEAST })}
        >
          {(control) => (
            <textarea
              {...control}
              className="field"
              dir="auto"
              maxLength={REASON_MOST}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        <DialogFoot change={scoring} onClose={onClose} />
      </form>
    </Dialog>
  );
}
