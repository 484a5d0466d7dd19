import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { getRetention, type RetentionRule } from "../../api/administration";
import { Page } from "../../ui/Page";
import { type Column, Table } from "../../ui/Table";
import { Asked } from "../Problems";
import { spanOf } from "./spans";

/** What is kept, for how long, and what ends it. It is ruled where Viva is installed, not here. */
export function RetentionPage() {
  const { t } = useTranslation();
  const rules = useQuery({ queryKey: ["retention"], queryFn: getRetention });
  return (
    <Page title={t("reviewer.retention.title")} lead={<p>{t("reviewer.retention.lead")}</p>}>
      <Asked query={rules}>{(items) => <Rules items={items} />}</Asked>
    </Page>
  );
}

function Rules({ items }: { items: RetentionRule[] }) {
  const { t } = useTranslation();
  const columns: Column<RetentionRule>[] = [
    {
      key: "subject",
      title: t("reviewer.retention.subject"),
      head: true,
      cell: ({ subject }) => subject && t(`reviewer.retention.subjects.${subject}`),
    },
    {
      key: "purpose",
      title: t("reviewer.retention.purpose"),
      cell: ({ purpose }) =>
        purpose === null ? (
          <span className="muted">{t("reviewer.retention.noPurpose")}</span>
        ) : (
          t(`reviewer.retention.purposes.${purpose}`)
        ),
    },
    { key: "kept", title: t("reviewer.retention.kept"), cell: (rule) => <Kept rule={rule} /> },
    {
      key: "setting",
      title: t("reviewer.retention.setting"),
      cell: ({ setting }) =>
        setting === "" ? (
          <span className="muted">{t("reviewer.retention.fixed")}</span>
        ) : (
          <code className="small setting">{setting}</code>
        ),
    },
  ];
  return (
    <Table
      caption={t("reviewer.retention.title")}
      columns={columns}
      rows={items}
      rowKey={({ subject }) => String(subject)}
    />
  );
}

/** How long, and what removes it before. */
function Kept({ rule }: { rule: RetentionRule }) {
  const { t } = useTranslation();
  const { ends, kept_for_seconds, due } = rule;
  const span = kept_for_seconds === null ? null : spanOf(kept_for_seconds);
  const others = ends.filter((end) => end !== "age");
  return (
    <div className="stack-tight">
      {span !== null && <span>{t(`reviewer.retention.for.${span.unit}`, { count: span.count })}</span>}
      {ends.length === 0 && <span>{t("reviewer.retention.forGood")}</span>}
      {others.map((end) => (
        <span key={end} className={span === null ? undefined : "small muted"}>
          {t(`reviewer.retention.ends.${end}`)}
        </span>
      ))}
      {due !== null && <span className="small muted">{t("reviewer.retention.due", { count: due })}</span>}
    </div>
  );
}
