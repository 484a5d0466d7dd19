import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Account, listAccounts } from "../../api/accounts";
import { Button } from "../../ui/Button";
import { Page } from "../../ui/Page";
import { type Column, Table } from "../../ui/Table";
import { Asked } from "../Problems";
import { useMe } from "../session";
import { day } from "../times";
import { PersonDialog } from "./PersonDialog";

/** Who may sign in, and as what. */
export function PeoplePage() {
  const { t } = useTranslation();
  const [open, setOpen] = useState<Account | "new" | null>(null);
  const accounts = useQuery({ queryKey: ["accounts"], queryFn: listAccounts });
  return (
    <Page title={t("reviewer.people.title")} lead={<p>{t("reviewer.people.lead")}</p>}>
      <Asked query={accounts}>
        {(items) => (
          <>
            <Listed items={items} onChange={setOpen} />
            <div>
              <Button onClick={() => setOpen("new")}>{t("reviewer.people.add")}</Button>
            </div>
          </>
        )}
      </Asked>
      {open !== null && <PersonDialog account={open === "new" ? null : open} onClose={() => setOpen(null)} />}
    </Page>
  );
}

function Listed({ items, onChange }: { items: Account[]; onChange: (account: Account) => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const columns: Column<Account>[] = [
    {
      key: "name",
      title: t("reviewer.people.name"),
      head: true,
      cell: (one) =>
        one.account_id === me.account_id ? `${one.name} (${t("reviewer.people.you")})` : one.name,
    },
    { key: "email", title: t("reviewer.people.email"), cell: (one) => one.email },
    {
      key: "roles",
      title: t("reviewer.people.roles"),
      cell: (one) => one.roles.map((role) => t(`reviewer.people.role.${role}`)).join(", "),
    },
    {
      key: "state",
      title: t("reviewer.people.state"),
      cell: (one) => (
        <div className="stack-tight">
          <span>
            <span className={one.disabled ? "tag tag-bad" : "tag tag-ok"}>
              {t(one.disabled ? "reviewer.people.disabled" : "reviewer.people.active")}
            </span>
          </span>
          {!one.has_password && <span className="small muted">{t("reviewer.people.provider")}</span>}
        </div>
      ),
    },
    { key: "created", title: t("reviewer.people.created"), cell: (one) => day(one.created_at) },
    {
      key: "change",
      title: t("reviewer.people.edit"),
      cell: (one) => (
        <Button kind="plain" onClick={() => onChange(one)}>
          {t("reviewer.people.edit")}
          <span className="hidden"> {one.name}</span>
        </Button>
      ),
    },
  ];
  return (
    <Table
      caption={t("reviewer.people.title")}
      columns={columns}
      rows={items}
      rowKey={(one) => one.account_id}
    />
  );
}
