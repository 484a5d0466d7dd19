import { getRouteApi, Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { type CandidateRow, type InterviewState, ROWS_MOST } from "../api/candidates";
import type { Line } from "../api/live";
import { spokenLanguage } from "../i18n";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { Select, TextInput } from "../ui/Inputs";
import { Notice } from "../ui/Notice";
import { Page } from "../ui/Page";
import { BoardTable } from "./BoardTable";
import { counts, openAddresses, picked, type SortKey, type Wanted } from "./boardRows";
import { usePosition } from "./PositionFrame";
import { Asked } from "./Problems";
import { mayRecruit, useMe } from "./session";
import { useBoard } from "./useBoard";

const route = getRouteApi("/staff/positions/$positionId/");

/** Where each candidate of a position is, as it happens. */
export function BoardPage() {
  const { t } = useTranslation();
  const { positionId } = route.useParams();
  const { board, line } = useBoard(positionId);
  return (
    <Page title={t("recruiter.board.title")}>
      <Asked query={board}>
        {({ items, total }) =>
          items.length === 0 ? (
            <Nobody positionId={positionId} />
          ) : (
            <Board rows={items} total={total} line={line} />
          )
        }
      </Asked>
    </Page>
  );
}

function Nobody({ positionId }: { positionId: string }) {
  const { t } = useTranslation();
  const me = useMe();
  const draft = usePosition(positionId).data?.state === "draft";
  return (
    <Empty title={t("recruiter.board.none.title")}>
      <p>{t("recruiter.board.none.what")}</p>
      {mayRecruit(me) && (
        <Link
          className="button button-primary"
          to={draft ? "/positions/$positionId/about" : "/positions/$positionId/invite"}
          params={{ positionId }}
        >
          {t(draft ? "recruiter.board.none.write" : "recruiter.board.none.invite")}
        </Link>
      )}
    </Empty>
  );
}

function Board({ rows, total, line }: { rows: CandidateRow[]; total: number; line: Line }) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState<Wanted>({
    search: "",
    state: "",
    sort: "changed",
    descending: true,
  });
  const language = spokenLanguage();
  const shown = useMemo(() => picked(rows, wanted, language), [rows, wanted, language]);
  const open = useMemo(() => openAddresses(rows), [rows]);
  const states = counts(rows);
  const sort = (key: SortKey) =>
    setWanted((now) => ({ ...now, sort: key, descending: now.sort === key && !now.descending }));
  return (
    <>
      {line === "lost" && (
        <Notice tone="warn" title={t("recruiter.board.lost")} live>
          <p>{t("recruiter.board.lostWhat")}</p>
        </Notice>
      )}
      <div className="row apart">
        <p role="status" className="row">
          <span>{t("recruiter.board.count", { count: total })}</span>
          {states.map(([state, count]) => (
            <span key={state} className="tag">
              {t("recruiter.board.tally", { state: t(`recruiter.interviewStates.${state}`), count })}
            </span>
          ))}
        </p>
        {line === "live" && <span className="live small">{t("recruiter.board.live")}</span>}
      </div>
      {total > ROWS_MOST && <Notice title={t("recruiter.board.newest", { count: ROWS_MOST })} />}
      <search className="columns filters">
        <TextInput
          label={t("recruiter.board.search")}
          type="search"
          value={wanted.search}
          onChange={(search) => setWanted((now) => ({ ...now, search }))}
        />
        <Select
          label={t("recruiter.board.filter")}
          value={wanted.state}
          onChange={(state) => setWanted((now) => ({ ...now, state: state as InterviewState | "" }))}
        >
          <option value="">{t("recruiter.board.all")}</option>
          {states.map(([state]) => (
            <option key={state} value={state}>
              {t(`recruiter.interviewStates.${state}`)}
            </option>
          ))}
        </Select>
      </search>
      {shown.length === 0 ? (
        <Empty title={t("recruiter.board.noMatch")}>
          <Button kind="plain" onClick={() => setWanted((now) => ({ ...now, search: "", state: "" }))}>
            {t("recruiter.board.showAll")}
          </Button>
        </Empty>
      ) : (
        <BoardTable rows={shown} open={open} wanted={wanted} onSort={sort} />
      )}
    </>
  );
}
