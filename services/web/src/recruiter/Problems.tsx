import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type Problem, problemOf } from "../api/problems";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import { Page } from "../ui/Page";

type Kind =
  | "unreachable"
  | "busy"
  | "denied"
  | "missing"
  | "stale"
  | "state"
  | "invalid"
  | "large"
  | "session"
  | "fault";

const KINDS: Record<number, Kind> = {
  0: "unreachable",
  401: "session",
  403: "denied",
  404: "missing",
  409: "state",
  412: "stale",
  413: "large",
  422: "invalid",
  400: "invalid",
  429: "busy",
  502: "busy",
  503: "busy",
  504: "busy",
};

/** What went wrong, in the reader's words; the gateway's own (English) words follow where they name the fault. */
export function ProblemNotice({
  error,
  reading = false,
  onAgain,
}: {
  error: unknown;
  /** Nothing was to be changed: an address that is not understood leads nowhere. */
  reading?: boolean;
  onAgain?: () => void;
}) {
  const { t } = useTranslation();
  const problem = problemOf(error);
  const told = KINDS[problem.status] ?? "fault";
  const kind = reading && told === "invalid" ? "missing" : told;
  const named = kind === "invalid" || kind === "state";
  return (
    <Notice
      tone={kind === "unreachable" || kind === "busy" ? "warn" : "bad"}
      title={t(`recruiter.problems.${kind}.title`)}
      live
    >
      <p>{t(`recruiter.problems.${kind}.what`)}</p>
      {named && <Faults problem={problem} />}
      {kind === "fault" && problem.correlationId !== "" && (
        <p className="small">{t("recruiter.problems.quote", { id: problem.correlationId })}</p>
      )}
      {onAgain !== undefined && (
        <div>
          <Button kind="plain" onClick={onAgain}>
            {t("recruiter.again")}
          </Button>
        </div>
      )}
    </Notice>
  );
}

function Faults({ problem }: { problem: Problem }) {
  if (problem.faults.length === 0) return <p lang="en">{problem.detail}</p>;
  return (
    <ul lang="en">
      {problem.faults.map(({ field, detail }) => (
        <li key={`${field} ${detail}`}>{detail}</li>
      ))}
    </ul>
  );
}

/** Something is being fetched. */
export function Loading() {
  const { t } = useTranslation();
  return (
    <p className="working" role="status">
      {t("recruiter.loading")}
    </p>
  );
}

/** What was asked for, once it is there; before it a word that it comes, and what went wrong where it does not. */
export function Asked<T>({
  query,
  heading,
  children,
}: {
  query: UseQueryResult<T>;
  /** The page's heading where nothing came that would bear one. */
  heading?: string;
  children: (data: T) => ReactNode;
}) {
  const again = () => void query.refetch();
  if (query.data === undefined) {
    if (query.error === null) return <Loading />;
    const notice = <ProblemNotice error={query.error} reading onAgain={again} />;
    return heading === undefined ? notice : <Page title={heading}>{notice}</Page>;
  }
  return (
    <>
      {query.error !== null && <ProblemNotice error={query.error} reading onAgain={again} />}
      {children(query.data)}
    </>
  );
}
