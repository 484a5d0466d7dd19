import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CandidateRow } from "../api/candidates";
import { Button } from "../ui/Button";
import { type Column, Table } from "../ui/Table";
import { mayInviteAnew, mayReissue, mayRevoke, type SortKey, type Wanted } from "./boardRows";
import { InterviewStateTag } from "./InterviewStateTag";
import { InviteAnewDialog, ReissueDialog, RevokeDialog } from "./InvitationDialogs";
import { mayRecruit, useMe } from "./session";
import { moment } from "./times";

interface Props {
  rows: CandidateRow[];
  /** The addresses of those who have an interview that takes a link, on the whole board. */
  open: ReadonlySet<string>;
  wanted: Wanted;
  onSort: (key: SortKey) => void;
}

type Asking = { what: "reissue" | "revoke" | "anew"; row: CandidateRow };

/** Candidates with what can be done for each. */
export function BoardTable({ rows, open, wanted, onSort }: Props) {
  const { t } = useTranslation();
  const me = useMe();
  const [asking, setAsking] = useState<Asking | null>(null);
  const sort = (key: SortKey) => ({
    active: wanted.sort !== key ? null : wanted.descending ? ("descending" as const) : ("ascending" as const),
    onSort: () => onSort(key),
  });
  const columns: Column<CandidateRow>[] = [
    {
      key: "name",
      title: t("recruiter.board.name"),
      head: true,
      sort: sort("name"),
      cell: (row) => <Name row={row} />,
    },
    {
      key: "state",
      title: t("recruiter.board.state"),
      sort: sort("state"),
      cell: (row) => <InterviewStateTag state={row.state} />,
    },
    { key: "progress", title: t("recruiter.board.progress"), cell: (row) => <HowFar row={row} /> },
    {
      key: "changed",
      title: t("recruiter.board.changed"),
      sort: sort("changed"),
      cell: (row) => moment(row.changed_at ?? row.created_at),
    },
  ];
  if (mayRecruit(me)) {
    columns.push({
      key: "actions",
      title: t("recruiter.actions"),
      cell: (row) => <Actions row={row} open={open} onAsk={(what) => setAsking({ what, row })} />,
    });
  }
  const close = () => setAsking(null);
  return (
    <>
      <Table
        caption={t("recruiter.board.title")}
        columns={columns}
        rows={rows}
        rowKey={(row) => row.interview_id}
      />
      {asking?.what === "reissue" && <ReissueDialog row={asking.row} onClose={close} />}
      {asking?.what === "revoke" && <RevokeDialog row={asking.row} onClose={close} />}
      {asking?.what === "anew" && <InviteAnewDialog row={asking.row} onClose={close} />}
    </>
  );
}

function Name({ row }: { row: CandidateRow }) {
  const { t } = useTranslation();
  if (row.candidate === null) return t("recruiter.board.erased");
  return (
    <>
      <div>
        <Link to="/interviews/$interviewId" params={{ interviewId: row.interview_id }}>
          {row.candidate.name}
        </Link>
      </div>
      <div className="muted small">{row.candidate.email}</div>
    </>
  );
}

/** Until the start how long the link holds; then topics and answers; never a score. */
function HowFar({ row }: { row: CandidateRow }) {
  const { t } = useTranslation();
  if (mayRevoke(row)) {
    return (
      <>
        {row.scheduled_at !== null && (
          <div>{t("recruiter.board.scheduled", { at: moment(row.scheduled_at) })}</div>
        )}
        {row.invitation_expires_at !== null && (
          <div>{t("recruiter.board.until", { at: moment(row.invitation_expires_at) })}</div>
        )}
      </>
    );
  }
  if (row.questions_asked === 0) return null;
  return (
    <>
      <div>{t("recruiter.board.topics", { begun: row.topics_begun, planned: row.topics_planned })}</div>
      <div className="muted">{t("recruiter.board.answers", { count: row.answers_given })}</div>
    </>
  );
}

function Actions({
  row,
  open,
  onAsk,
}: {
  row: CandidateRow;
  open: ReadonlySet<string>;
  onAsk: (what: Asking["what"]) => void;
}) {
  const { t } = useTranslation();
  const name = row.candidate?.name ?? "";
  return (
    <div className="row actions">
      {mayReissue(row) && (
        <Button
          kind="plain"
          aria-label={t("recruiter.board.reissueOf", { name })}
          onClick={() => onAsk("reissue")}
        >
          {t("recruiter.board.reissue")}
        </Button>
      )}
      {mayRevoke(row) && (
        <Button
          kind="plain"
          aria-label={t("recruiter.board.revokeOf", { name })}
          onClick={() => onAsk("revoke")}
        >
          {t("recruiter.board.revoke")}
        </Button>
      )}
      {mayInviteAnew(row, open) && (
        <Button
          kind="plain"
          aria-label={t("recruiter.board.reissueOf", { name })}
          onClick={() => onAsk("anew")}
        >
          {t("recruiter.board.reissue")}
        </Button>
      )}
    </div>
  );
}
