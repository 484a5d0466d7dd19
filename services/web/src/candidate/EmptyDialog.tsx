import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";

/** Asks before an answer without a word is sent. */
export function EmptyDialog({
  words,
  onSend,
  onClose,
}: {
  words: "answer.empty" | "voice.empty";
  onSend: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Dialog title={t("answer.empty.title")} onClose={onClose}>
      <p>{t(`${words}.what`)}</p>
      <div className="row">
        <Button onClick={onSend}>{t("answer.empty.send")}</Button>
        <Button kind="plain" onClick={onClose}>
          {t(`${words}.back`)}
        </Button>
      </div>
    </Dialog>
  );
}
