import { useTranslation } from "react-i18next";
import type { CreatedInvitation } from "../api/invitations";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import { type Column, Table } from "../ui/Table";
import { CopyButton } from "./CopyButton";
import { linksCsv } from "./people";
import { moment } from "./times";

/** The links that were made; they are shown this once. */
export function LinkList({ made, onMore }: { made: CreatedInvitation[]; onMore: () => void }) {
  const { t } = useTranslation();
  const rows = made.map((one) => ({
    name: one.candidate?.name ?? "",
    email: one.candidate?.email ?? "",
    link: one.url,
    until: one.expires_at ?? "",
  }));
  const columns: Column<CreatedInvitation>[] = [
    {
      key: "name",
      title: t("recruiter.invite.fields.name"),
      head: true,
      cell: ({ candidate }) => candidate?.name,
    },
    { key: "email", title: t("recruiter.invite.fields.email"), cell: ({ candidate }) => candidate?.email },
    { key: "until", title: t("recruiter.links.until"), cell: ({ expires_at }) => moment(expires_at) },
    { key: "link", title: t("recruiter.links.link"), cell: (one) => <OneLink made={one} /> },
  ];
  return (
    <div className="stack">
      <Notice tone="ok" title={t("recruiter.links.made", { count: made.length })} live>
        <p>{t("recruiter.links.once")}</p>
      </Notice>
      <div className="row">
        <CopyButton text={linksText(rows)} kind="primary">
          {t("recruiter.links.copyAll")}
        </CopyButton>
        <Button kind="plain" onClick={() => download("viva-links.csv", linksCsv(rows))}>
          {t("recruiter.links.download")}
        </Button>
        <Button kind="plain" onClick={onMore}>
          {t("recruiter.links.more")}
        </Button>
      </div>
      <Table
        caption={t("recruiter.links.title")}
        columns={columns}
        rows={made}
        rowKey={({ interview_id }) => interview_id}
      />
    </div>
  );
}

/** One link, to be copied by the button or by hand. */
export function OneLink({ made }: { made: CreatedInvitation }) {
  const { t } = useTranslation();
  const name = made.candidate?.name ?? "";
  return (
    <div className="row">
      <input
        className="field link"
        readOnly
        value={made.url}
        aria-label={t("recruiter.links.of", { name })}
        onFocus={(event) => event.target.select()}
      />
      <CopyButton text={made.url} label={t("recruiter.links.copyOf", { name })}>
        {t("recruiter.links.copy")}
      </CopyButton>
    </div>
  );
}

function linksText(rows: { name: string; email: string; link: string }[]): string {
  return rows.map(({ name, email, link }) => [name, email, link].join("\t")).join("\n");
}

function download(name: string, content: string): void {
  const url = URL.createObjectURL(new Blob(["\ufeff", content], { type: "text/csv;charset=utf-8" }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  URL.revokeObjectURL(url);
}
