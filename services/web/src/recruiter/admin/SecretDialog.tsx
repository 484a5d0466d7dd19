import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";

/** A new secret, which is shown this once: only the button closes it. */
export function SecretDialog({ secret, onClose }: { secret: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState<"yes" | "no" | null>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret);
      setCopied("yes");
    } catch {
      setCopied("no");
    }
  };
  return (
    <Dialog title={t("reviewer.webhooks.secret.title")} onClose={() => {}}>
      <p>{t("reviewer.webhooks.secret.what")}</p>
      <Field label={t("reviewer.webhooks.secret.label")}>
        {(control) => (
          <input
            {...control}
            className="field mono"
            readOnly
            value={secret}
            onFocus={(event) => event.currentTarget.select()}
          />
        )}
      </Field>
      <p role="status" className="small">
        {copied === "yes" && t("reviewer.webhooks.secret.copied")}
        {copied === "no" && t("reviewer.webhooks.secret.notCopied")}
      </p>
      <div className="row">
        <Button kind="plain" onClick={() => void copy()}>
          {t("reviewer.webhooks.secret.copy")}
        </Button>
        <Button onClick={onClose}>{t("reviewer.webhooks.secret.done")}</Button>
      </div>
    </Dialog>
  );
}
