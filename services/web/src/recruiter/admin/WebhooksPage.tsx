import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { problemOf } from "../../api/problems";
import { listWebhooks, type Webhook, type WebhookWithSecret } from "../../api/webhooks";
import { Button } from "../../ui/Button";
import { Empty } from "../../ui/Empty";
import { Notice } from "../../ui/Notice";
import { Page } from "../../ui/Page";
import { type Column, Table } from "../../ui/Table";
import { Asked } from "../Problems";
import { moment } from "../times";
import { SecretDialog } from "./SecretDialog";
import { WebhookDialog } from "./WebhookDialog";
import { WebhookTag } from "./WebhookTag";

/** The organisation's webhooks. */
export function WebhooksPage() {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<WebhookWithSecret | null>(null);
  const webhooks = useQuery({ queryKey: ["webhooks"], queryFn: listWebhooks });
  const off = webhooks.error !== null && problemOf(webhooks.error).reason === "WEBHOOKS_OFF";
  return (
    <Page title={t("reviewer.webhooks.title")} lead={<p>{t("reviewer.webhooks.lead")}</p>}>
      {off ? (
        <Notice title={t("reviewer.webhooks.off.title")}>
          <p>{t("reviewer.webhooks.off.what")}</p>
        </Notice>
      ) : (
        <Asked query={webhooks}>
          {(items) => (
            <>
              {items.length === 0 ? (
                <Empty title={t("reviewer.webhooks.none.title")}>
                  <p>{t("reviewer.webhooks.none.what")}</p>
                </Empty>
              ) : (
                <Listed items={items} />
              )}
              <div>
                <Button onClick={() => setAdding(true)}>{t("reviewer.webhooks.add")}</Button>
              </div>
            </>
          )}
        </Asked>
      )}
      {adding && (
        <WebhookDialog
          webhook={null}
          onClose={() => setAdding(false)}
          onMade={(one) => {
            setAdding(false);
            setMade(one);
          }}
        />
      )}
      {made !== null && <SecretDialog secret={made.secret} onClose={() => setMade(null)} />}
    </Page>
  );
}

function Listed({ items }: { items: Webhook[] }) {
  const { t } = useTranslation();
  const columns: Column<Webhook>[] = [
    {
      key: "url",
      title: t("reviewer.webhooks.url"),
      head: true,
      cell: (one) => (
        <div className="stack-tight">
          <Link to="/administration/webhooks/$webhookId" params={{ webhookId: one.webhook_id }}>
            {one.url}
          </Link>
          {one.description !== "" && <span className="small muted">{one.description}</span>}
        </div>
      ),
    },
    {
      key: "state",
      title: t("reviewer.webhooks.state"),
      cell: (one) => <WebhookTag state={one.state} />,
    },
    { key: "waiting", title: t("reviewer.webhooks.waiting"), numeric: true, cell: (one) => one.pending },
    {
      key: "last",
      title: t("reviewer.webhooks.lastSuccess"),
      cell: (one) => moment(one.last_success_at) || t("reviewer.webhooks.never"),
    },
  ];
  return (
    <Table
      caption={t("reviewer.webhooks.title")}
      columns={columns}
      rows={items}
      rowKey={(one) => one.webhook_id}
    />
  );
}
