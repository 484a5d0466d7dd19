import { useTranslation } from "react-i18next";
import { erase, type Receipt } from "../api/interview";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Notice } from "../ui/Notice";
import { useLookAgain } from "./interviewState";
import { forgetAll } from "./onDevice";
import { useSend, Waiting } from "./useSend";

/** Erases everything; nothing brings it back. */
export function EraseDialog({
  onClose,
  onErased,
}: {
  onClose: () => void;
  onErased: (receipt: Receipt | "lost") => void;
}) {
  const { t } = useTranslation();
  const lookAgain = useLookAgain();
  const gone = (receipt: Receipt | "lost") => {
    forgetAll();
    onErased(receipt);
  };
  const erasing = useSend(erase, gone, {
    refused: (problem, mayBeTaken) => {
      if (problem.status !== 401) return;
      // The session ends with the erasure: an earlier try was taken, and only its answer got lost.
      if (mayBeTaken) gone("lost");
      else lookAgain();
    },
  });
  return (
    <Dialog title={t("erase.title")} onClose={onClose}>
      <p>{t("erase.what")}</p>
      <p>{t("erase.after")}</p>
      <Waiting of={erasing} />
      {erasing.problem !== null && (
        <Notice tone="bad" live>
          {t("erase.failed")}
        </Notice>
      )}
      <div className="row">
        <Button kind="danger" onClick={() => erasing.send()} busy={erasing.busy}>
          {t(erasing.busy ? "erase.working" : "erase.confirm")}
        </Button>
        <Button kind="plain" onClick={onClose}>
          {t("dialog.cancel")}
        </Button>
      </div>
    </Dialog>
  );
}
