import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import {
  createWebhook,
  updateWebhook,
  type Webhook,
  type WebhookEvent,
  type WebhookWithSecret,
} from "../../api/webhooks";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { DialogFoot } from "../DialogFoot";

const URL_MOST = 2000;
const DESCRIPTION_MOST = 200;
/** What can be subscribed to; a test is always sent. */
const EVENTS: WebhookEvent[] = [
  "interview_created",
  "interview_started",
  "interview_completed",
  "report_ready",
  "review_submitted",
  "candidate_requested",
  "interview_expired",
  "interview_abandoned",
  "interview_erased",
];

/** Adds a webhook, or changes one. */
export function WebhookDialog({
  webhook,
  onClose,
  onMade,
}: {
  webhook: Webhook | null;
  onClose: () => void;
  onMade?: (made: WebhookWithSecret) => void;
}) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [url, setUrl] = useState(webhook?.url ?? "");
  const [description, setDescription] = useState(webhook?.description ?? "");
  const [events, setEvents] = useState<WebhookEvent[]>(webhook?.events ?? []);
  const [tried, setTried] = useState(false);
  const saving = useMutation({
    mutationFn: async () => {
      const change = { url: url.trim(), description: description.trim(), events, active: true };
      if (webhook === null) return createWebhook(change);
      await updateWebhook(webhook.webhook_id, { ...change, active: webhook.state === "active" });
      return null;
    },
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ["webhooks"] });
      if (made === null) onClose();
      else onMade?.(made);
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (url.trim() !== "" && events.length > 0 && !saving.isPending) saving.mutate();
  };
  const toggle = (one: WebhookEvent, on: boolean) =>
    setEvents((before) => (on ? [...before, one] : before.filter((each) => each !== one)));
  return (
    <Dialog
      title={t(webhook === null ? "reviewer.webhooks.add" : "reviewer.webhooks.edit")}
      onClose={onClose}
    >
      <form className="stack" onSubmit={send} noValidate>
        <Field
          label={t("reviewer.webhooks.url")}
          hint={t("reviewer.webhooks.urlHint")}
          error={tried && url.trim() === "" && t("reviewer.webhooks.urlMissing")}
        >
          {(control) => (
            <input
              {...control}
              className="field"
              type="url"
              maxLength={URL_MOST}
              value={url}
              onChange={(event) => setUrl(event.target.value)}
            />
          )}
        </Field>
        <Field label={t("reviewer.webhooks.description")}>
          {(control) => (
            <input
              {...control}
              className="field"
              maxLength={DESCRIPTION_MOST}
              value={description}
              onChange={(event) => setDescription(event.target.value)}
            />
          )}
        </Field>
        <fieldset className="stack-tight">
          <legend className="label">{t("reviewer.webhooks.events")}</legend>
          {EVENTS.map((one) => (
            <label key={one} className="check-line">
              <input
                type="checkbox"
                checked={events.includes(one)}
                onChange={(event) => toggle(one, event.target.checked)}
              />
              <span>{t(`reviewer.webhooks.event.${one}`)}</span>
            </label>
          ))}
          {tried && events.length === 0 && (
            <p className="wrong small" role="alert">
              {t("reviewer.webhooks.eventsMissing")}
            </p>
          )}
        </fieldset>
        <DialogFoot change={saving} onClose={onClose} />
      </form>
    </Dialog>
  );
}
