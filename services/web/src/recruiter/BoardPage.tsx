import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type CandidateRow, listCandidates } from "../api/candidates";
import { Empty } from "../ui/Empty";
import { Page } from "../ui/Page";
import { type Column, Table } from "../ui/Table";
import { Asked } from "./Problems";
import { moment } from "./times";

const route = getRouteApi("/staff/positions/$positionId/");

/** Where each candidate of a position is. */
export function BoardPage() {
  const { t } = useTranslation();
  const { positionId } = route.useParams();
  const board = useQuery({
    queryKey: ["candidates", positionId],
    queryFn: () => listCandidates(positionId),
  });
  return (
    <Page title={t("recruiter.board.title")}>
      <Asked query={board}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t("recruiter.board.none.title")}>
              <p>{t("recruiter.board.none.what")}</p>
            </Empty>
          ) : (
            <Rows rows={items} />
          )
        }
      </Asked>
    </Page>
  );
}

function Rows({ rows }: { rows: CandidateRow[] }) {
  const { t } = useTranslation();
  const columns: Column<CandidateRow>[] = [
    {
      key: "name",
      title: t("recruiter.board.name"),
      head: true,
      cell: (row) => row.candidate?.name ?? t("recruiter.board.erased"),
    },
    {
      key: "state",
      title: t("recruiter.board.state"),
      cell: (row) => row.state && t(`recruiter.interviewStates.${row.state}`),
    },
    { key: "changed", title: t("recruiter.board.changed"), cell: (row) => moment(row.changed_at) },
  ];
  return (
    <Table
      caption={t("recruiter.board.title")}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.interview_id}
    />
  );
}
