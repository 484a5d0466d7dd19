import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type DeadLetter,
  deleteDeadLetter,
  getDeadLetter,
  retryDeadLetter,
  type WholeDeadLetter,
} from "../../api/administration";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";
import { Asked, ProblemNotice } from "../Problems";
import { moment } from "../times";

/** The key of the list, which is asked for anew when one has left it. */
export const DEAD_LETTERS = ["dead-letters"];

/** One dead letter: why it is here and how it travelled, never what it holds; the way to send it again or drop it. */
export function DeadLetterDialog({ letter, onClose }: { letter: DeadLetter; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [dropping, setDropping] = useState(false);
  const { number } = letter;
  const retrying = useMutation({ mutationFn: () => retryDeadLetter(number) });
  const deleting = useMutation({ mutationFn: () => deleteDeadLetter(number) });
  const gone = retrying.isSuccess || deleting.isSuccess;
  const whole = useQuery({
    queryKey: ["dead-letter", number],
    queryFn: () => getDeadLetter(number),
    // Every look stands in the audit log: one for each time that a person opens it.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const close = () => {
    if (gone) void queries.invalidateQueries({ queryKey: DEAD_LETTERS });
    onClose();
  };
  const problem = retrying.error ?? deleting.error;
  return (
    <Dialog title={t("reviewer.dead.one", { number })} onClose={close}>
      <Asked query={whole}>{(found) => <Whole letter={found} />}</Asked>
      {problem !== null && <ProblemNotice error={problem} />}
      {retrying.isSuccess && (
        <Notice tone="ok" title={t("reviewer.dead.sent.title")} live>
          <p>{t("reviewer.dead.sent.what")}</p>
        </Notice>
      )}
      {deleting.isSuccess && <Notice tone="ok" title={t("reviewer.dead.dropped")} live />}
      {dropping && !gone && <p>{t("reviewer.dead.drop.what")}</p>}
      <div className="row">
        {!gone && !dropping && (
          <>
            <Button busy={retrying.isPending} onClick={() => retrying.mutate()}>
              {t("reviewer.dead.retry")}
            </Button>
            <Button kind="danger" onClick={() => setDropping(true)}>
              {t("reviewer.dead.drop.do")}
            </Button>
          </>
        )}
        {!gone && dropping && (
          <Button kind="danger" busy={deleting.isPending} onClick={() => deleting.mutate()}>
            {t("reviewer.dead.drop.confirm")}
          </Button>
        )}
        <Button kind="plain" onClick={close}>
          {t("recruiter.close")}
        </Button>
      </div>
    </Dialog>
  );
}

function Whole({ letter }: { letter: WholeDeadLetter }) {
  const { t } = useTranslation();
  return (
    <div className="stack">
      <Notice tone="warn" title={letter.reason}>
        <p lang="en">{letter.cause}</p>
      </Notice>
      <p className="small muted">
        {t("reviewer.dead.facts", {
          died: moment(letter.died_at),
          until: moment(letter.ages_out_at),
          attempts: letter.attempts,
          bytes: letter.size_bytes,
        })}
      </p>
      {letter.interview_id !== "" && (
        <p>
          <Link to="/interviews/$interviewId" params={{ interviewId: letter.interview_id }}>
            {t("reviewer.dead.interview")}
          </Link>
        </p>
      )}
      <div className="stack-tight">
        <h3>{t("reviewer.dead.headers")}</h3>
        <p className="small muted">{t("reviewer.dead.noContents")}</p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
        <pre className="body" tabIndex={0}>
          {letter.headers.map(({ name, value }) => `${name}: ${value}`).join("\n")}
        </pre>
      </div>
    </div>
  );
}
