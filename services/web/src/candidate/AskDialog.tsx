import { useId } from "react";
import { useTranslation } from "react-i18next";
import { askEmployer, type RequestKind } from "../api/interview";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Notice } from "../ui/Notice";
import { useTakeIn } from "./interviewState";
import { useKeptText } from "./useKeptText";
import { useSend, Waiting } from "./useSend";

const MOST = 4000;

/** Asks the employer for a person or for an accommodation. */
export function AskDialog({
  kind,
  interviewId,
  onClose,
}: {
  kind: RequestKind;
  interviewId: string;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const takeIn = useTakeIn();
  const field = useId();
  const [text, setText, forget] = useKeptText(`ask.${kind}.${interviewId}`);
  const asking = useSend(
    (what: string) => askEmployer(kind, what),
    (interview) => {
      forget();
      takeIn(interview);
      onClose();
    },
  );
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
        readOnly={asking.busy}
        onChange={(event) => setText(event.target.value)}
      />
      <Waiting of={asking} />
      {asking.problem !== null && (
        <Notice tone="bad" live>
          {t(asking.problem.reason === "TOO_MANY_REQUESTS" ? "ask.many" : "ask.failed")}
        </Notice>
      )}
      <div className="row">
        <Button onClick={() => asking.send(text)} busy={asking.busy}>
          {t("ask.send")}
        </Button>
        <Button kind="plain" onClick={onClose}>
          {t("dialog.cancel")}
        </Button>
      </div>
    </Dialog>
  );
}
