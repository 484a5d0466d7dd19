import { useTranslation } from "react-i18next";
import type { DeliveryState, Webhook } from "../../api/webhooks";

const LOOKS = { active: "tag tag-ok", paused: "tag", failing: "tag tag-bad" } as const;
const DELIVERY_LOOKS = { pending: "tag", delivered: "tag tag-ok", failed: "tag tag-bad" } as const;

/** How a webhook fares. */
export function WebhookTag({ state }: { state: Webhook["state"] }) {
  const { t } = useTranslation();
  if (state === null) return null;
  return <span className={LOOKS[state]}>{t(`reviewer.webhooks.states.${state}`)}</span>;
}

/** What became of a delivery. */
export function DeliveryTag({ state }: { state: DeliveryState | null }) {
  const { t } = useTranslation();
  if (state === null) return null;
  return <span className={DELIVERY_LOOKS[state]}>{t(`reviewer.webhooks.log.states.${state}`)}</span>;
}
