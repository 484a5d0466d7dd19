import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { erase, type Receipt } from "../api/interview";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Notice } from "../ui/Notice";

/** Erases everything; nothing brings it back. */
export function EraseDialog({
  onClose,
  onErased,
}: {
  onClose: () => void;
  onErased: (receipt: Receipt) => void;
}) {
  const { t } = useTranslation();
  const erasing = useMutation({
    mutationFn: erase,
    onSuccess: (receipt) => {
      forgetDrafts();
      onErased(receipt);
    },
  });
  return (
    <Dialog title={t("erase.title")} onClose={onClose}>
      <p>{t("erase.what")}</p>
      <p>{t("erase.after")}</p>
      {erasing.error !== null && (
        <Notice tone="bad" live>
          {t("erase.failed")}
        </Notice>
      )}
      <div className="row">
        <Button kind="danger" onClick={() => erasing.mutate()} busy={erasing.isPending}>
          {t(erasing.isPending ? "erase.working" : "erase.confirm")}
        </Button>
        <Button kind="plain" onClick={onClose}>
          {t("dialog.cancel")}
        </Button>
      </div>
    </Dialog>
  );
}

function forgetDrafts(): void {
  try {
    for (const key of Object.keys(localStorage))
      if (key.startsWith("viva.draft.")) localStorage.removeItem(key);
  } catch {
    // Nothing could be kept there, so nothing stays.
  }
}
