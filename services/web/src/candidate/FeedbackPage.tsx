import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type Finding, getFeedback, type Interview } from "../api/interview";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import { Page } from "../ui/Page";
import { clock, secondsOf } from "./clock";
import { Expressions, sees } from "./Expressions";
import { AGAIN, passing } from "./useSend";

/** Thanks; then, once it is made, the candidate's own feedback. */
export function FeedbackPage({ interview }: { interview: Interview }) {
  const { t } = useTranslation();
  const made = interview.state !== "completed";
  return (
    <Page title={t("feedback.title")} lead={<p>{t("feedback.lead", { employer: interview.tenant_name })}</p>}>
      {made ? (
        <>
          <Own sequence={interview.sequence} language={interview.language ?? "en"} />
          {sees(interview) && <Expressions interview={interview} />}
        </>
      ) : (
        <div className="card stack">
          <p className="working" role="status">
            {t("feedback.making")}
          </p>
          <p className="muted">{t("feedback.leave")}</p>
        </div>
      )}
    </Page>
  );
}

function Own({ sequence, language }: { sequence: number; language: string }) {
  const { t } = useTranslation();
  const feedback = useQuery({
    queryKey: ["candidate", "feedback", sequence],
    queryFn: getFeedback,
    retry: (_, error) => passing(error),
    retryDelay: AGAIN,
  });
  if (feedback.error !== null) {
    return (
      <Notice tone="bad" live>
        <p>{t("feedback.failed")}</p>
        <div>
          <Button kind="plain" onClick={() => void feedback.refetch()}>
            {t("noEntry.again")}
          </Button>
        </div>
      </Notice>
    );
  }
  if (feedback.data === undefined) {
    return (
      <p className="working" role="status">
        {t(feedback.failureCount > 0 ? "feedback.waiting" : "feedback.fetching")}
      </p>
    );
  }
  const { demo, strengths, gaps } = feedback.data;
  return (
    <>
      {demo && (
        <Notice tone="warn" title={t("feedback.demo.title")}>
          <p>{t("feedback.demo.what")}</p>
        </Notice>
      )}
      <Findings
        title={t("feedback.strengths")}
        none={t("feedback.noStrengths")}
        found={strengths}
        language={language}
      />
      <Findings title={t("feedback.gaps")} none={t("feedback.noGaps")} found={gaps} language={language} />
      <p>
        <a href="/api/v1/candidate/report?format=pdf" download>
          {t("feedback.pdf")}
        </a>
      </p>
    </>
  );
}

/** The candidate's words, with their time when they were spoken. */
function Quoted({ quote }: { quote: NonNullable<Finding["quote"]> }) {
  const { t } = useTranslation();
  const spoken = secondsOf(quote.start_time);
  return (
    <blockquote className="quote">
      {quote.text}
      {spoken !== null && (
        <span className="quote-time"> {t("feedback.spokenAt", { time: clock(spoken) })}</span>
      )}
    </blockquote>
  );
}

function Findings({
  title,
  none,
  found,
  language,
}: {
  title: string;
  none: string;
  found: Finding[];
  language: string;
}) {
  return (
    <section className="card stack">
      <h2>{title}</h2>
      {found.length === 0 && <p className="muted">{none}</p>}
      {found.map((one) => (
        <div key={`${one.title} ${one.quote?.text}`} className="stack-tight" lang={language}>
          <h3>{one.title}</h3>
          {one.quote !== null && <Quoted quote={one.quote} />}
          {one.rationale !== "" && <p>{one.rationale}</p>}
        </div>
      ))}
    </section>
  );
}
