import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { rotateSecret, type WebhookWithSecret } from "../../api/webhooks";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { DialogFoot } from "../DialogFoot";

const OVERLAPS = { none: 0, hour: 3_600, day: 86_400, week: 604_800 } as const;
type Overlap = keyof typeof OVERLAPS;

/** Replaces the secret; for the overlap both sign. */
export function RotateDialog({
  webhookId,
  onClose,
  onMade,
}: {
  webhookId: string;
  onClose: () => void;
  onMade: (made: WebhookWithSecret) => void;
}) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [overlap, setOverlap] = useState<Overlap>("day");
  const rotating = useMutation({
    mutationFn: () => rotateSecret(webhookId, OVERLAPS[overlap]),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ["webhooks"] });
      onMade(made);
    },
  });
  return (
    <Dialog title={t("reviewer.webhooks.rotate.title")} onClose={onClose}>
      <p>{t("reviewer.webhooks.rotate.what")}</p>
      <Field label={t("reviewer.webhooks.rotate.overlap")}>
        {(control) => (
          <select
            {...control}
            className="field"
            value={overlap}
            onChange={(event) => setOverlap(event.target.value as Overlap)}
          >
            {(Object.keys(OVERLAPS) as Overlap[]).map((one) => (
              <option key={one} value={one}>
                {t(`reviewer.webhooks.rotate.${one}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <DialogFoot change={rotating} onClose={onClose}>
        <Button busy={rotating.isPending} onClick={() => rotating.mutate()}>
          {t("reviewer.webhooks.rotate.confirm")}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
