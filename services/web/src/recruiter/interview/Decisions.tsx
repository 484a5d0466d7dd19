import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Decision, type Review, submitReview } from "../../api/interviews";
import { problemOf } from "../../api/problems";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import { LeaveGuard } from "../LeaveGuard";
import { Asked, ProblemNotice } from "../Problems";
import { mayReview, useMe } from "../session";
import { moment } from "../times";
import { useLookAgain, useReviews } from "./queries";
import { REASON_LEAST, REASON_MOST, reasonIsEnough } from "./reason";

/** Words that came late are being scored: so often it is tried again, so far apart. The scores take minutes at most. */
const PENDING_TRIES = 150;
const PENDING_MS = 2_000;

const DECISIONS: Decision[] = ["advance", "hold", "decline"];
const LOOKS: Record<Decision, string> = {
  advance: "tag tag-ok",
  hold: "tag tag-warn",
  decline: "tag tag-bad",
};

/** What persons decided and why; the way to decide. A second person reads the first one's only after writing. */
export function Decisions({ interviewId, reportVersion }: { interviewId: string; reportVersion: number }) {
  const { t } = useTranslation();
  const me = useMe();
  const reviews = useReviews(interviewId);
  return (
    <section id="decision" className="card stack" aria-labelledby="decision-title">
      <h2 id="decision-title">{t("reviewer.decision.title")}</h2>
      <Asked query={reviews}>
        {(items) => (
          <>
            {items.length === 0 && <p className="muted">{t("reviewer.decision.none")}</p>}
            {items.some(({ sealed }) => sealed) && (
              <Notice title={t("reviewer.decision.sealed.title")}>
                <p>{t("reviewer.decision.sealed.what")}</p>
              </Notice>
            )}
            {items.map((one) => (
              <Decided key={one.review_id} review={one} current={reportVersion} />
            ))}
            {mayReview(me) && (
              <Deciding
                interviewId={interviewId}
                reportVersion={reportVersion}
                again={items.some(({ reviewer_id }) => reviewer_id === me.account_id)}
              />
            )}
          </>
        )}
      </Asked>
    </section>
  );
}

function Decided({ review, current }: { review: Review; current: number }) {
  const { t } = useTranslation();
  return (
    <article className="decided stack-tight">
      <p className="row">
        <strong>{review.reviewer_name}</strong>
        {review.sealed || review.decision === null ? (
          <span className="tag">{t("reviewer.decision.sealed.tag")}</span>
        ) : (
          <span className={LOOKS[review.decision]}>{t(`reviewer.decision.is.${review.decision}`)}</span>
        )}
        <span className="small muted">{moment(review.created_at)}</span>
      </p>
      {!review.sealed && (
        <p className="pre" dir="auto">
          {review.reason}
        </p>
      )}
      {review.report_version < current && <p className="small muted">{t("reviewer.decision.olderReport")}</p>}
    </article>
  );
}

function Deciding({
  interviewId,
  reportVersion,
  again,
}: {
  interviewId: string;
  reportVersion: number;
  again: boolean;
}) {
  const { t } = useTranslation();
  const lookAgain = useLookAgain(interviewId);
  const [open, setOpen] = useState(false);
  const [decision, setDecision] = useState<Decision | null>(null);
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const [read, setRead] = useState<number | null>(null);
  const moved = read !== null && read !== reportVersion;
  const begin = () => setRead((before) => before ?? reportVersion);
  const deciding = useMutation({
    mutationFn: (chosen: Decision) => submitReview(interviewId, chosen, reason.trim(), read ?? reportVersion),
    retry: (failures, error) => failures < PENDING_TRIES && problemOf(error).reason === "REPORT_PENDING",
    retryDelay: PENDING_MS,
    // The report has moved on: what is new is fetched, and the person asked to read it first.
    onError: (error) => (problemOf(error).reason === "STALE_REPORT" ? lookAgain() : undefined),
    onSuccess: async () => {
      await lookAgain();
      setOpen(false);
      setDecision(null);
      setReason("");
      setTried(false);
      setRead(null);
    },
  });
  const waiting = deciding.isPending && deciding.failureCount > 0;
  const told = deciding.error !== null && !(moved && problemOf(deciding.error).reason === "STALE_REPORT");
  if (again && !open) {
    return (
      <div>
        <Button kind="plain" onClick={() => setOpen(true)}>
          {t("reviewer.decision.again")}
        </Button>
      </div>
    );
  }
  const send = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (decision !== null && reasonIsEnough(reason) && !deciding.isPending) deciding.mutate(decision);
  };
  return (
    <form className="stack measure" onSubmit={send}>
      <LeaveGuard unsaved={() => deciding.isPending} />
      <fieldset className="stack-tight">
        <legend className="label">{t("reviewer.decision.yours")}</legend>
        <div className="row">
          {DECISIONS.map((one) => (
            <label key={one} className="choice-line">
              <input
                type="radio"
                name="decision"
                checked={decision === one}
                disabled={deciding.isPending && decision !== one}
                onChange={() => {
                  begin();
                  setDecision(one);
                }}
              />
              <span>{t(`reviewer.decision.is.${one}`)}</span>
            </label>
          ))}
        </div>
        {tried && decision === null && (
          <p className="wrong small" role="alert">
            {t("reviewer.decision.choose")}
          </p>
        )}
      </fieldset>
      <Field
        label={t("reviewer.reason.label")}
        hint={t("reviewer.reason.hint", { count: REASON_LEAST })}
        error={tried && !reasonIsEnough(reason) && t("reviewer.reason.short", { count: REASON_LEAST })}
      >
        {(control) => (
          <textarea
            {...control}
            className="field"
            dir="auto"
            maxLength={REASON_MOST}
            readOnly={deciding.isPending}
            value={reason}
            onChange={(event) => {
              begin();
              setReason(event.target.value);
            }}
          />
        )}
      </Field>
      {waiting && (
        <Notice title={t("reviewer.decision.waiting.title")} live>
          <p>{t("reviewer.decision.waiting.what")}</p>
        </Notice>
      )}
      {told && <ProblemNotice error={deciding.error} />}
      {moved && (
        <Notice tone="warn" title={t("reviewer.decision.moved.title")} live>
          <p>{t("reviewer.decision.moved.what")}</p>
          <div>
            <Button kind="plain" onClick={() => setRead(reportVersion)}>
              {t("reviewer.decision.moved.seen")}
            </Button>
          </div>
        </Notice>
      )}
      <div>
        <Button type="submit" busy={deciding.isPending} disabled={moved}>
          {t("reviewer.decision.send")}
        </Button>
      </div>
    </form>
  );
}
