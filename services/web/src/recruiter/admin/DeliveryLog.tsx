import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Delivery, type DeliveryState, listDeliveries } from "../../api/webhooks";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { type Column, Table } from "../../ui/Table";
import { Loading, ProblemNotice } from "../Problems";
import { moment } from "../times";
import { AttemptOutcome, DeliveryDialog } from "./DeliveryDialog";
import { ReplayDialog } from "./ReplayDialog";
import { DeliveryTag } from "./WebhookTag";

const STATES: DeliveryState[] = ["pending", "delivered", "failed"];
const LOOK_MS = 2_000;

/** What was delivered and what waits. `waiting`: so many do, and the log looks again by itself. */
export function DeliveryLog({ webhookId, waiting }: { webhookId: string; waiting: number }) {
  const { t } = useTranslation();
  const [state, setState] = useState<DeliveryState | null>(null);
  const [opened, setOpened] = useState<Delivery | null>(null);
  const [replaying, setReplaying] = useState(false);
  const log = useInfiniteQuery({
    queryKey: ["webhooks", webhookId, "deliveries", state],
    queryFn: ({ pageParam }) => listDeliveries(webhookId, state, pageParam),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor,
    // The webhook may have been read after the last delivery, and this log before it.
    refetchInterval: ({ state: { data } }) =>
      waiting > 0 || data?.pages.some(({ items }) => items.some((one) => one.state === "pending"))
        ? LOOK_MS
        : false,
  });
  const rows = log.data?.pages.flatMap(({ items }) => items);
  return (
    <section className="stack" aria-labelledby="log-title">
      <div className="stack-tight">
        <h2 id="log-title">{t("reviewer.webhooks.log.title")}</h2>
        <p className="muted">{t("reviewer.webhooks.log.lead")}</p>
      </div>
      <div className="row apart">
        <Field label={t("reviewer.webhooks.log.filter")}>
          {(control) => (
            <select
              {...control}
              className="field"
              value={state ?? ""}
              onChange={(event) => setState((event.target.value || null) as DeliveryState | null)}
            >
              <option value="">{t("reviewer.webhooks.log.all")}</option>
              {STATES.map((one) => (
                <option key={one} value={one}>
                  {t(`reviewer.webhooks.log.states.${one}`)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Button kind="plain" onClick={() => setReplaying(true)}>
          {t("reviewer.webhooks.replay.do")}
        </Button>
      </div>
      {log.error !== null && <ProblemNotice error={log.error} onAgain={() => void log.refetch()} />}
      {rows === undefined ? (
        log.error === null && <Loading />
      ) : rows.length === 0 ? (
        <p className="muted">
          {t(state === null ? "reviewer.webhooks.log.none" : "reviewer.webhooks.log.noMatch")}
        </p>
      ) : (
        <Deliveries rows={rows} onOpen={setOpened} />
      )}
      {log.hasNextPage && (
        <div>
          <Button kind="plain" busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            {t("reviewer.webhooks.log.more")}
          </Button>
        </div>
      )}
      {opened !== null && <DeliveryDialog delivery={opened} onClose={() => setOpened(null)} />}
      {replaying && <ReplayDialog webhookId={webhookId} onClose={() => setReplaying(false)} />}
    </section>
  );
}

function Deliveries({ rows, onOpen }: { rows: Delivery[]; onOpen: (one: Delivery) => void }) {
  const { t } = useTranslation();
  const columns: Column<Delivery>[] = [
    {
      key: "event",
      title: t("reviewer.webhooks.log.event"),
      head: true,
      cell: (row) => row.event && t(`reviewer.webhooks.event.${row.event}`),
    },
    {
      key: "occurred",
      title: t("reviewer.webhooks.log.occurred"),
      cell: (row) => moment(row.occurred_at ?? row.created_at),
    },
    {
      key: "state",
      title: t("reviewer.webhooks.log.state"),
      cell: (row) => <DeliveryTag state={row.state} />,
    },
    {
      key: "attempts",
      title: t("reviewer.webhooks.log.attempts"),
      numeric: true,
      cell: (row) => row.attempts,
    },
    {
      key: "last",
      title: t("reviewer.webhooks.log.last"),
      cell: (row) => row.last_attempt && <AttemptOutcome attempt={row.last_attempt} />,
    },
    {
      key: "details",
      title: t("reviewer.webhooks.log.details"),
      cell: (row) => (
        <Button kind="plain" onClick={() => onOpen(row)}>
          {t("reviewer.webhooks.log.details")}
        </Button>
      ),
    },
  ];
  return (
    <Table
      caption={t("reviewer.webhooks.log.title")}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.delivery_id}
    />
  );
}
