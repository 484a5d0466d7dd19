import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type DeadLetter, listDeadLetters } from "../../api/administration";
import { Button } from "../../ui/Button";
import { Empty } from "../../ui/Empty";
import { Page } from "../../ui/Page";
import { type Column, Table } from "../../ui/Table";
import { Loading, ProblemNotice } from "../Problems";
import { moment } from "../times";
import { DEAD_LETTERS, DeadLetterDialog } from "./DeadLetterDialog";

/** What could not be handled, and what can be done with it. */
export function DeadLettersPage() {
  const { t } = useTranslation();
  const [opened, setOpened] = useState<DeadLetter | null>(null);
  const letters = useInfiniteQuery({
    queryKey: DEAD_LETTERS,
    queryFn: ({ pageParam }) => listDeadLetters(pageParam),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor,
  });
  const rows = letters.data?.pages.flatMap(({ items }) => items);
  const again = () => void letters.refetch();
  return (
    <Page title={t("reviewer.dead.title")} lead={<p>{t("reviewer.dead.lead")}</p>}>
      {letters.error !== null && <ProblemNotice error={letters.error} onAgain={again} />}
      {rows === undefined ? (
        letters.error === null && <Loading />
      ) : rows.length === 0 && !letters.hasNextPage ? (
        <Empty title={t("reviewer.dead.none.title")}>
          <p>{t("reviewer.dead.none.what")}</p>
        </Empty>
      ) : (
        <Listed rows={rows} onOpen={setOpened} />
      )}
      <div className="row">
        {letters.hasNextPage && (
          <Button kind="plain" busy={letters.isFetchingNextPage} onClick={() => void letters.fetchNextPage()}>
            {t("reviewer.dead.more")}
          </Button>
        )}
        <Button kind="plain" busy={letters.isRefetching && !letters.isFetchingNextPage} onClick={again}>
          {t("reviewer.dead.look")}
        </Button>
      </div>
      {opened !== null && <DeadLetterDialog letter={opened} onClose={() => setOpened(null)} />}
    </Page>
  );
}

function Listed({ rows, onOpen }: { rows: DeadLetter[]; onOpen: (one: DeadLetter) => void }) {
  const { t } = useTranslation();
  const columns: Column<DeadLetter>[] = [
    {
      key: "reason",
      title: t("reviewer.dead.reason"),
      head: true,
      cell: (row) => (
        <div className="stack-tight">
          <code>{row.reason}</code>
          {row.retries > 0 && (
            <span className="small muted">{t("reviewer.dead.retried", { count: row.retries })}</span>
          )}
        </div>
      ),
    },
    { key: "type", title: t("reviewer.dead.type"), cell: (row) => shortType(row.message_type) },
    { key: "consumer", title: t("reviewer.dead.consumer"), cell: (row) => row.consumer },
    { key: "died", title: t("reviewer.dead.died"), cell: (row) => moment(row.died_at) },
    { key: "attempts", title: t("reviewer.dead.attempts"), numeric: true, cell: (row) => row.attempts },
    {
      key: "details",
      title: t("reviewer.dead.details"),
      cell: (row) => (
        <Button kind="plain" onClick={() => onOpen(row)}>
          {t("reviewer.dead.details")}
          <span className="hidden"> {row.number}</span>
        </Button>
      ),
    },
  ];
  return (
    <Table
      caption={t("reviewer.dead.title")}
      columns={columns}
      rows={rows}
      rowKey={(row) => String(row.number)}
    />
  );
}

/** The message's name without its package. */
function shortType(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
