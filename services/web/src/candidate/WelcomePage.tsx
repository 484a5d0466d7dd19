import { useTranslation } from "react-i18next";
import type { Interview } from "../api/interview";
import { spokenLanguage } from "../i18n";
import { Button } from "../ui/Button";
import { Page } from "../ui/Page";

const POINTS = ["asks", "writes", "scores", "decides"] as const;

/** Who asks, what is written down, how it is scored, and who decides. */
export function WelcomePage({ interview, onGoOn }: { interview: Interview; onGoOn: () => void }) {
  const { t } = useTranslation();
  const employer = interview.tenant_name;
  const name = interview.candidate?.name ?? "";
  return (
    <Page
      title={t("welcome.title", { name })}
      lead={<p>{t("welcome.lead", { employer, position: interview.position_title })}</p>}
    >
      <div className="card stack">
        <h2>{t("welcome.ai.title")}</h2>
        <p>{t("welcome.ai.what")}</p>
        <dl className="points">
          {POINTS.map((point) => (
            <div key={point}>
              <dt>{t(`welcome.${point}.title`)}</dt>
              <dd>{t(`welcome.${point}.what`)}</dd>
            </div>
          ))}
        </dl>
      </div>
      <div className="card stack">
        <h2>{t("welcome.facts.title")}</h2>
        <ul>
          <li>{t(interview.mode === "practice" ? "welcome.facts.practice" : "welcome.facts.hiring")}</li>
          <li>{t(interview.language === "ko" ? "welcome.facts.korean" : "welcome.facts.english")}</li>
          {interview.progress !== null && (
            <li>{t("welcome.facts.topics", { count: interview.progress.topics_planned })}</li>
          )}
          {interview.extra_time_percent > 0 && (
            <li>{t("welcome.facts.extra", { percent: interview.extra_time_percent })}</li>
          )}
          <li>{t("welcome.facts.text")}</li>
          {interview.invitation_expires_at !== null && (
            <li>{t("welcome.facts.until", { until: moment(interview.invitation_expires_at) })}</li>
          )}
        </ul>
        {interview.accommodations !== "" && (
          <>
            <h3>{t("welcome.accommodations")}</h3>
            <p className="pre">{interview.accommodations}</p>
          </>
        )}
      </div>
      <div className="row">
        <Button onClick={onGoOn}>{t("welcome.goOn")}</Button>
      </div>
    </Page>
  );
}

/** A time in the reader's zone. */
function moment(iso: string): string {
  return new Intl.DateTimeFormat(spokenLanguage(), { dateStyle: "long", timeStyle: "short" }).format(
    new Date(iso),
  );
}
