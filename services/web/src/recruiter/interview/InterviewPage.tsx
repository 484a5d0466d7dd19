import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type Interview, reportAddress } from "../../api/interviews";
import { Notice } from "../../ui/Notice";
import { Page } from "../../ui/Page";
import { InterviewStateTag } from "../InterviewStateTag";
import { Asked } from "../Problems";
import { mayAdminister, useMe } from "../session";
import { moment } from "../times";
import { Recorded } from "./AnswerSound";
import { AuditTrail } from "./AuditTrail";
import { Decisions } from "./Decisions";
import { Evidence } from "./Evidence";
import "./interview.css";
import { Overview } from "./Overview";
import { Provenance } from "./Provenance";
import { isReported, useFollowing, useInterview, useReport } from "./queries";
import { Requests } from "./Requests";
import { Transcript } from "./Transcript";

const route = getRouteApi("/staff/interviews/$interviewId");

/** One interview: what was said, how it was scored and why, and what persons decide. */
export function InterviewPage() {
  const { interviewId } = route.useParams();
  const interview = useInterview(interviewId);
  const { t } = useTranslation();
  return (
    <Asked query={interview} heading={t("reviewer.interview.transcript")}>
      {(found) => <Whole key={found.interview_id} interview={found} />}
    </Asked>
  );
}

function Whole({ interview }: { interview: Interview }) {
  const { t } = useTranslation();
  const me = useMe();
  useFollowing(interview);
  const name = interview.candidate?.name || t("reviewer.interview.erasedName");
  return (
    <>
      <div className="crumb">
        <Link to="/positions/$positionId" params={{ positionId: interview.position_id }}>
          {interview.position_title}
        </Link>
        <span aria-hidden="true">/</span>
        <strong>{name}</strong>
        <InterviewStateTag state={interview.state} />
      </div>
      <Page title={name} lead={<Facts interview={interview} />}>
        <Requests interview={interview} />
        {isReported(interview) ? <Reported interview={interview} /> : <NotYet interview={interview} />}
        {mayAdminister(me) && <AuditTrail interviewId={interview.interview_id} />}
      </Page>
    </>
  );
}

function Facts({ interview }: { interview: Interview }) {
  const { t } = useTranslation();
  const { language, mode, started_at, completed_at } = interview;
  const told = [
    mode && t(`recruiter.modes.${mode}.name`),
    language && t(`recruiter.languages.${language}`),
    started_at && t("reviewer.interview.started", { at: moment(started_at) }),
    completed_at && t("reviewer.interview.completed", { at: moment(completed_at) }),
  ].filter(Boolean);
  return <p>{told.join(" · ")}</p>;
}

/** There is no report (yet): the state says why; what was said so far can be read. */
function NotYet({ interview }: { interview: Interview }) {
  const { t } = useTranslation();
  const state = interview.state ?? "invited";
  const words =
    state === "completed"
      ? "making"
      : state === "erased"
        ? "erased"
        : state === "expired" || state === "abandoned"
          ? "never"
          : "going";
  return (
    <>
      <Notice title={t(`reviewer.interview.noReport.${words}.title`)} live>
        <p>{t(`reviewer.interview.noReport.${words}.what`)}</p>
      </Notice>
      {interview.turns.some(({ answer }) => answer !== null && answer.text !== "") && (
        <section id="transcript" className="stack">
          <h2>{t("reviewer.interview.transcript")}</h2>
          <Recorded interview={interview}>
            <Transcript interview={interview} />
          </Recorded>
        </section>
      )}
    </>
  );
}

function Reported({ interview }: { interview: Interview }) {
  const { t } = useTranslation();
  const report = useReport(interview);
  const id = interview.interview_id;
  return (
    <Asked query={report}>
      {(found) => (
        <>
          {found.demo && (
            <Notice tone="warn" title={t("reviewer.interview.demo.title")}>
              <p>{t("reviewer.interview.demo.what")}</p>
            </Notice>
          )}
          <nav className="tabs" aria-label={t("reviewer.interview.parts")}>
            <a href="#transcript">{t("reviewer.interview.transcript")}</a>
            <a href="#scores">{t("reviewer.interview.scores")}</a>
            <a href="#decision">{t("reviewer.decision.title")}</a>
            <a href="#provenance">{t("reviewer.provenance.title")}</a>
          </nav>
          <Overview report={found} />
          <Evidence interview={interview} report={found} />
          <Decisions interviewId={id} reportVersion={found.version} />
          <Provenance interview={interview} report={found} />
          <p className="row">
            <a className="button button-plain" href={reportAddress(id, "pdf")} download>
              {t("reviewer.interview.pdf")}
            </a>
            <a className="button button-plain" href={reportAddress(id, "json")} download>
              {t("reviewer.interview.json")}
            </a>
          </p>
        </>
      )}
    </Asked>
  );
}
