import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { listRubrics, type RubricVersion } from "../api/rubrics";
import { Empty } from "../ui/Empty";
import { Page } from "../ui/Page";
import { type Column, Table } from "../ui/Table";
import { Asked } from "./Problems";
import { StateTag } from "./StateTag";
import { mayRecruit, useMe } from "./session";
import { day } from "./times";

/** What answers are scored by: the newest version of each rubric. */
export function RubricsPage() {
  const { t } = useTranslation();
  const me = useMe();
  const rubrics = useQuery({ queryKey: ["rubrics"], queryFn: listRubrics });
  return (
    <Page title={t("recruiter.rubrics.title")} lead={<p>{t("recruiter.rubrics.lead")}</p>}>
      {mayRecruit(me) && (
        <div>
          <Link className="button button-primary" to="/rubrics/new">
            {t("recruiter.rubrics.new")}
          </Link>
        </div>
      )}
      <Asked query={rubrics}>
        {(items) =>
          items.length === 0 ? (
            <Empty title={t("recruiter.rubrics.none.title")}>
              <p>{t("recruiter.rubrics.none.what")}</p>
            </Empty>
          ) : (
            <Rubrics items={items} />
          )
        }
      </Asked>
    </Page>
  );
}

function Rubrics({ items }: { items: RubricVersion[] }) {
  const { t } = useTranslation();
  const columns: Column<RubricVersion>[] = [
    {
      key: "title",
      title: t("recruiter.rubrics.name"),
      head: true,
      cell: ({ title, rubric }) => (
        <Link to="/rubrics/$rubricId" params={{ rubricId: rubric.rubric_id }}>
          {title}
        </Link>
      ),
    },
    { key: "state", title: t("recruiter.positions.state"), cell: ({ state }) => <StateTag state={state} /> },
    {
      key: "version",
      title: t("recruiter.rubrics.version"),
      numeric: true,
      cell: ({ rubric }) => rubric.version,
    },
    {
      key: "criteria",
      title: t("recruiter.rubrics.criteria"),
      numeric: true,
      cell: ({ rubric }) => rubric.criteria.length,
    },
    {
      key: "language",
      title: t("recruiter.positions.language"),
      cell: ({ language }) => language && t(`recruiter.languages.${language}`),
    },
    { key: "created", title: t("recruiter.positions.created"), cell: ({ created_at }) => day(created_at) },
  ];
  return (
    <Table
      caption={t("recruiter.rubrics.title")}
      columns={columns}
      rows={items}
      rowKey={({ rubric }) => rubric.rubric_id}
    />
  );
}
