import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { listPositions, type Position } from "../api/positions";
import { Empty } from "../ui/Empty";
import { Page } from "../ui/Page";
import { type Column, Table } from "../ui/Table";
import { Asked } from "./Problems";
import { StateTag } from "./StateTag";
import { mayRecruit, useMe } from "./session";
import { day } from "./times";

/** The employer's positions, newest first. */
export function PositionsPage() {
  const { t } = useTranslation();
  const me = useMe();
  const positions = useQuery({ queryKey: ["positions"], queryFn: listPositions });
  return (
    <Page title={t("recruiter.positions.title")} lead={<p>{t("recruiter.positions.lead")}</p>}>
      {mayRecruit(me) && (
        <div>
          <Link className="button button-primary" to="/positions/new">
            {t("recruiter.positions.new")}
          </Link>
        </div>
      )}
      <Asked query={positions}>
        {(items) => (items.length === 0 ? <NoneYet /> : <Positions items={items} />)}
      </Asked>
    </Page>
  );
}

function NoneYet() {
  const { t } = useTranslation();
  return (
    <Empty title={t("recruiter.positions.none.title")}>
      <p>{t("recruiter.positions.none.what")}</p>
    </Empty>
  );
}

function Positions({ items }: { items: Position[] }) {
  const { t } = useTranslation();
  const columns: Column<Position>[] = [
    {
      key: "title",
      title: t("recruiter.positions.name"),
      head: true,
      cell: (one) => (
        <Link to="/positions/$positionId" params={{ positionId: one.position_id }}>
          {one.spec?.title}
        </Link>
      ),
    },
    { key: "state", title: t("recruiter.positions.state"), cell: (one) => <StateTag state={one.state} /> },
    {
      key: "mode",
      title: t("recruiter.positions.mode"),
      cell: (one) => one.spec?.mode && t(`recruiter.modes.${one.spec.mode}.name`),
    },
    {
      key: "language",
      title: t("recruiter.positions.language"),
      cell: (one) => one.spec?.language && t(`recruiter.languages.${one.spec.language}`),
    },
    { key: "created", title: t("recruiter.positions.created"), cell: (one) => day(one.created_at) },
  ];
  return (
    <Table
      caption={t("recruiter.positions.title")}
      columns={columns}
      rows={items}
      rowKey={(one) => one.position_id}
    />
  );
}
