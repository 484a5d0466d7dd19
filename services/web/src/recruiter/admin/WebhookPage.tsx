import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  deleteWebhook,
  getWebhook,
  pingWebhook,
  updateWebhook,
  type Webhook,
  type WebhookWithSecret,
} from "../../api/webhooks";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";
import { Page } from "../../ui/Page";
import { DialogFoot } from "../DialogFoot";
import { Asked, ProblemNotice } from "../Problems";
import { moment } from "../times";
import { DeliveryLog } from "./DeliveryLog";
import { RotateDialog } from "./RotateDialog";
import { SecretDialog } from "./SecretDialog";
import { WebhookDialog } from "./WebhookDialog";
import { WebhookTag } from "./WebhookTag";

const route = getRouteApi("/staff/administration/webhooks/$webhookId");
/** While something waits, look for what came of it so often. */
const LOOK_MS = 2_000;

/** One webhook: how it fares, what can be done with it, and its log. */
export function WebhookPage() {
  const { webhookId } = route.useParams();
  const webhook = useQuery({
    queryKey: ["webhooks", webhookId],
    queryFn: () => getWebhook(webhookId),
    refetchInterval: ({ state }) =>
      state.data?.state === "active" && state.data.pending > 0 ? LOOK_MS : false,
  });
  const { t } = useTranslation();
  return (
    <Asked query={webhook} heading={t("reviewer.webhooks.title")}>
      {(found) => <Shown webhook={found} />}
    </Asked>
  );
}

function Shown({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation();
  return (
    <>
      <div className="crumb">
        <Link to="/administration/webhooks">{t("reviewer.webhooks.title")}</Link>
        <span aria-hidden="true">/</span>
        <WebhookTag state={webhook.state} />
      </div>
      <Page title={webhook.url} lead={webhook.description !== "" && <p>{webhook.description}</p>}>
        <div className="card stack">
          <ul className="event-list row">
            {webhook.events.map((one) => (
              <li key={one} className="tag">
                {t(`reviewer.webhooks.event.${one}`)}
              </li>
            ))}
          </ul>
          <p className="muted">
            {t("reviewer.webhooks.lastSuccess")}:{" "}
            {moment(webhook.last_success_at) || t("reviewer.webhooks.never")} ·{" "}
            {t("reviewer.webhooks.waiting")}: {webhook.pending}
          </p>
          {webhook.failing_since !== null && (
            <Notice tone="warn">
              <p>{t("reviewer.webhooks.failing", { at: moment(webhook.failing_since) })}</p>
            </Notice>
          )}
          {webhook.old_secret_until !== null && (
            <p className="small">
              {t("reviewer.webhooks.oldSecret", { at: moment(webhook.old_secret_until) })}
            </p>
          )}
          <Actions webhook={webhook} />
        </div>
        <DeliveryLog webhookId={webhook.webhook_id} waiting={webhook.pending} />
      </Page>
    </>
  );
}

function Actions({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [open, setOpen] = useState<"edit" | "rotate" | "remove" | null>(null);
  const [made, setMade] = useState<WebhookWithSecret | null>(null);
  const lookAgain = () => queries.invalidateQueries({ queryKey: ["webhooks"] });
  const id = webhook.webhook_id;
  const active = webhook.state === "active";
  const switching = useMutation({
    mutationFn: () => {
      const { url, description, events } = webhook;
      return updateWebhook(id, { url, description, events, active: !active });
    },
    onSuccess: lookAgain,
  });
  const pinging = useMutation({ mutationFn: () => pingWebhook(id), onSuccess: lookAgain });
  const problem = switching.error ?? pinging.error;
  return (
    <>
      <div className="row">
        <Button kind="plain" busy={pinging.isPending} onClick={() => pinging.mutate()}>
          {t("reviewer.webhooks.ping")}
        </Button>
        <Button kind="plain" onClick={() => setOpen("edit")}>
          {t("reviewer.webhooks.edit")}
        </Button>
        <Button kind="plain" busy={switching.isPending} onClick={() => switching.mutate()}>
          {t(active ? "reviewer.webhooks.pause" : "reviewer.webhooks.resume")}
        </Button>
        <Button kind="plain" onClick={() => setOpen("rotate")}>
          {t("reviewer.webhooks.rotate.do")}
        </Button>
        <Button kind="danger" onClick={() => setOpen("remove")}>
          {t("reviewer.webhooks.remove.do")}
        </Button>
      </div>
      {problem !== null && <ProblemNotice error={problem} />}
      {open === "edit" && <WebhookDialog webhook={webhook} onClose={() => setOpen(null)} />}
      {open === "rotate" && (
        <RotateDialog
          webhookId={id}
          onClose={() => setOpen(null)}
          onMade={(one) => {
            setOpen(null);
            setMade(one);
          }}
        />
      )}
      {open === "remove" && <RemoveDialog webhookId={id} onClose={() => setOpen(null)} />}
      {made !== null && <SecretDialog secret={made.secret} onClose={() => setMade(null)} />}
    </>
  );
}

function RemoveDialog({ webhookId, onClose }: { webhookId: string; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const removing = useMutation({
    mutationFn: () => deleteWebhook(webhookId),
    onSuccess: async () => {
      await navigate({ to: "/administration/webhooks" });
      queries.removeQueries({ queryKey: ["webhooks", webhookId] });
      await queries.invalidateQueries({ queryKey: ["webhooks"] });
    },
  });
  return (
    <Dialog title={t("reviewer.webhooks.remove.title")} onClose={onClose}>
      <p>{t("reviewer.webhooks.remove.what")}</p>
      <DialogFoot change={removing} onClose={onClose}>
        <Button kind="danger" busy={removing.isPending} onClick={() => removing.mutate()}>
          {t("reviewer.webhooks.remove.confirm")}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
