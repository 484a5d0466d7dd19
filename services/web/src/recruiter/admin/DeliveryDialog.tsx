import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import {
  type Attempt,
  type Delivery,
  getDelivery,
  replayDelivery,
  type WholeDelivery,
} from "../../api/webhooks";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Asked, ProblemNotice } from "../Problems";
import { moment } from "../times";
import { errorKey, pretty } from "./deliveries";
import { DeliveryTag } from "./WebhookTag";

const LOOK_MS = 2_000;

/** One delivery: what is sent, each attempt, and the way to send it again. */
export function DeliveryDialog({ delivery, onClose }: { delivery: Delivery; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { webhook_id, delivery_id, event } = delivery;
  const whole = useQuery({
    queryKey: ["webhooks", webhook_id, "delivery", delivery_id],
    queryFn: () => getDelivery(webhook_id, delivery_id),
    refetchInterval: ({ state }) => (state.data?.state === "pending" ? LOOK_MS : false),
  });
  const again = useMutation({
    mutationFn: () => replayDelivery(webhook_id, delivery_id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["webhooks"] }),
  });
  const name = event === null ? "" : t(`reviewer.webhooks.event.${event}`);
  return (
    <Dialog title={t("reviewer.webhooks.delivery.title", { event: name })} onClose={onClose}>
      <Asked query={whole}>{(found) => <Whole delivery={found} />}</Asked>
      <p role="status">{again.isSuccess && t("reviewer.webhooks.delivery.sent")}</p>
      {again.error !== null && <ProblemNotice error={again.error} />}
      <div className="row">
        <Button busy={again.isPending} onClick={() => again.mutate()}>
          {t("reviewer.webhooks.delivery.again")}
        </Button>
        <Button kind="plain" onClick={onClose}>
          {t("reviewer.webhooks.delivery.close")}
        </Button>
      </div>
    </Dialog>
  );
}

function Whole({ delivery }: { delivery: WholeDelivery }) {
  const { t } = useTranslation();
  return (
    <div className="stack">
      <p className="row">
        <DeliveryTag state={delivery.state} />
        {delivery.next_attempt_at !== null && (
          <span className="small">
            {t("reviewer.webhooks.delivery.next", { at: moment(delivery.next_attempt_at) })}
          </span>
        )}
      </p>
      <div>
        <h3>{t("reviewer.webhooks.delivery.id")}</h3>
        <code className="small">{delivery.delivery_id}</code>
      </div>
      <div className="stack-tight">
        <h3>{t("reviewer.webhooks.delivery.attempts")}</h3>
        {delivery.log.length === 0 ? (
          <p className="muted">{t("reviewer.webhooks.delivery.noAttempt")}</p>
        ) : (
          <ul>
            {delivery.log.map((attempt) => (
              <li key={attempt.number}>
                {t("reviewer.webhooks.delivery.attempt", { number: attempt.number, at: moment(attempt.at) })}{" "}
                · <AttemptOutcome attempt={attempt} />
                {attempt.excerpt !== "" && <p className="small muted">{attempt.excerpt}</p>}
              </li>
            ))}
          </ul>
        )}
      </div>
      <div className="stack-tight">
        <h3>{t("reviewer.webhooks.delivery.body")}</h3>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
        <pre className="body" tabIndex={0}>
          {pretty(delivery.body)}
        </pre>
      </div>
    </div>
  );
}

/** What came of an attempt. */
export function AttemptOutcome({ attempt }: { attempt: Attempt }) {
  const { t } = useTranslation();
  const { status, error, latency_seconds } = attempt;
  const key = errorKey(error);
  const told = [
    status > 0 && t("reviewer.webhooks.delivery.answered", { status }),
    key !== null && t(`reviewer.webhooks.errors.${key}`),
    latency_seconds !== null &&
      t("reviewer.webhooks.delivery.took", { ms: Math.round(latency_seconds * 1000) }),
  ];
  return <span>{told.filter(Boolean).join(", ")}</span>;
}
