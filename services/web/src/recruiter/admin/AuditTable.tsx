import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { AuditEntry, AuditPage } from "../../api/interviews";
import { Button } from "../../ui/Button";
import { type Column, Table } from "../../ui/Table";
import { Loading, ProblemNotice } from "../Problems";
import { moment } from "../times";
import { actionKey } from "./actions";

/** The audit log, newest first, page after page. */
export function AuditTable({ query }: { query: UseInfiniteQueryResult<InfiniteData<AuditPage>> }) {
  const { t } = useTranslation();
  if (query.data === undefined) {
    if (query.error === null) return <Loading />;
    return <ProblemNotice error={query.error} onAgain={() => void query.refetch()} />;
  }
  const rows = query.data.pages.flatMap(({ items }, page) =>
    items.map((entry, index) => ({ ...entry, key: `${page} ${index}` })),
  );
  if (rows.length === 0) return <p className="muted">{t("reviewer.audit.none")}</p>;
  const columns: Column<AuditEntry & { key: string }>[] = [
    { key: "at", title: t("reviewer.audit.at"), head: true, cell: (row) => moment(row.at) },
    {
      key: "who",
      title: t("reviewer.audit.who"),
      cell: (row) => row.actor_name || (row.actor_kind && t(`reviewer.audit.kinds.${row.actor_kind}`)),
    },
    {
      key: "action",
      title: t("reviewer.audit.action"),
      cell: (row) => {
        const key = actionKey(row.action);
        return key === null ? <code>{row.action}</code> : t(`reviewer.audit.actions.${key}`);
      },
    },
  ];
  return (
    <>
      <Table caption={t("reviewer.audit.title")} columns={columns} rows={rows} rowKey={(row) => row.key} />
      {query.error !== null && <ProblemNotice error={query.error} onAgain={() => void query.refetch()} />}
      {query.hasNextPage && (
        <div>
          <Button kind="plain" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t("reviewer.audit.more")}
          </Button>
        </div>
      )}
    </>
  );
}
