import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { replayRange } from "../../api/webhooks";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { ProblemNotice } from "../Problems";
import { fieldOf, type Range, rangeOf } from "./deliveries";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** Sends what happened in a period again: for a receiver that took and lost it. */
export function ReplayDialog({ webhookId, onClose }: { webhookId: string; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [since, setSince] = useState(() => fieldOf(new Date(Date.now() - DAY_MS)));
  const [until, setUntil] = useState(() => fieldOf(new Date(Date.now() + MINUTE_MS)));
  const [failedOnly, setFailedOnly] = useState(false);
  const [tried, setTried] = useState(false);
  const range = rangeOf(since, until);
  const replaying = useMutation({
    mutationFn: (wanted: Range) => replayRange(webhookId, wanted.since, wanted.until, failedOnly),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["webhooks"] }),
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (typeof range === "object" && !replaying.isPending) replaying.mutate(range);
  };
  return (
    <Dialog title={t("reviewer.webhooks.replay.title")} onClose={onClose}>
      <form className="stack" onSubmit={send}>
        <Field label={t("reviewer.webhooks.replay.since")}>
          {(control) => (
            <input
              {...control}
              className="field"
              type="datetime-local"
              value={since}
              onChange={(event) => setSince(event.target.value)}
            />
          )}
        </Field>
        <Field
          label={t("reviewer.webhooks.replay.until")}
          error={tried && typeof range === "string" && t(`reviewer.webhooks.replay.${range}`)}
        >
          {(control) => (
            <input
              {...control}
              className="field"
              type="datetime-local"
              value={until}
              onChange={(event) => setUntil(event.target.value)}
            />
          )}
        </Field>
        <label className="check-line">
          <input
            type="checkbox"
            checked={failedOnly}
            onChange={(event) => setFailedOnly(event.target.checked)}
          />
          <span>{t("reviewer.webhooks.replay.failed")}</span>
        </label>
        <p role="status">
          {replaying.isSuccess && t("reviewer.webhooks.replay.done", { count: replaying.data })}
        </p>
        {replaying.error !== null && <ProblemNotice error={replaying.error} />}
        <div className="row">
          <Button type="submit" busy={replaying.isPending}>
            {t("reviewer.webhooks.replay.confirm")}
          </Button>
          <Button kind="plain" onClick={onClose}>
            {t("reviewer.webhooks.delivery.close")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
