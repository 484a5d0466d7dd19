import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { archivePosition, type Position } from "../api/positions";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Page } from "../ui/Page";
import { PositionEditor } from "./PositionEditor";
import { usePosition } from "./PositionFrame";
import { Asked, ProblemNotice } from "./Problems";
import { mayRecruit, useMe } from "./session";
import { moment } from "./times";

const route = getRouteApi("/staff/positions/$positionId/about");

/** What a position says: to be written while it is a draft, to be read afterwards. */
export function AboutPage() {
  const { t } = useTranslation();
  const { positionId } = route.useParams();
  const me = useMe();
  const position = usePosition(positionId);
  const [edition, setEdition] = useState(0);
  const reload = async () => {
    await position.refetch();
    setEdition((now) => now + 1);
  };
  return (
    <Page title={t("recruiter.about.title")}>
      <Asked query={position}>
        {(found) =>
          found.state === "draft" && mayRecruit(me) ? (
            <PositionEditor key={edition} position={found} onReload={() => void reload()} />
          ) : (
            <Told position={found} mayArchive={mayRecruit(me)} />
          )
        }
      </Asked>
    </Page>
  );
}

function Told({ position, mayArchive }: { position: Position; mayArchive: boolean }) {
  const { t } = useTranslation();
  const { spec } = position;
  if (spec === null) return null;
  const { max_questions: most, patience_seconds: patience } = spec;
  return (
    <>
      <div className="card stack">
        <dl className="told">
          <Fact name={t("recruiter.editor.mode")}>
            {spec.mode &&
              `${t(`recruiter.modes.${spec.mode}.name`)}. ${t(`recruiter.modes.${spec.mode}.what`)}`}
          </Fact>
          <Fact name={t("recruiter.editor.language")}>
            {spec.language && t(`recruiter.languages.${spec.language}`)}
          </Fact>
          <Fact name={t("recruiter.about.time")}>
            {t("recruiter.about.minutes", { count: Math.round((spec.duration_seconds ?? 0) / 60) })}
          </Fact>
          <Fact name={t("recruiter.about.most")}>
            {most === 0 ? t("recruiter.about.noLimit") : t("recruiter.about.questions", { count: most })}
          </Fact>
          <Fact name={t("recruiter.about.patience")}>
            {t("recruiter.about.seconds", { count: patience ?? 0 })}
          </Fact>
          <Fact name={t("recruiter.editor.confidence")}>{`${Math.round(spec.min_confidence * 100)} %`}</Fact>
          {position.published_at !== null && (
            <Fact name={t("recruiter.about.published")}>{moment(position.published_at)}</Fact>
          )}
        </dl>
        <h2>{t("recruiter.about.job")}</h2>
        <p className="pre">{spec.job_description}</p>
        {spec.accommodations !== "" && (
          <>
            <h2>{t("recruiter.editor.accommodations")}</h2>
            <p className="pre">{spec.accommodations}</p>
          </>
        )}
      </div>
      <div className="card stack">
        <h2>{t("recruiter.editor.competencies")}</h2>
        <ul className="plain">
          {spec.competencies.map(({ competency, weight, rubric_id, rubric_version }) => (
            <li key={competency?.competency_id} className="stack-tight">
              <strong>{t("recruiter.editor.criterion", { title: competency?.title ?? "", weight })}</strong>
              {competency?.description && <span>{competency.description}</span>}
              <Link to="/rubrics/$rubricId" params={{ rubricId: rubric_id }}>
                {rubric_version === 0
                  ? t("recruiter.editor.openRubric")
                  : t("recruiter.about.rubric", { version: rubric_version })}
              </Link>
            </li>
          ))}
        </ul>
      </div>
      {mayArchive && position.state === "published" && <Archive position={position} />}
    </>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Archive({ position }: { position: Position }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const archiving = useMutation({
    mutationFn: () => archivePosition(position.position_id),
    onSuccess: (archived) => {
      setAsking(false);
      queries.setQueryData(["positions", archived.position_id], archived);
      void queries.invalidateQueries({ queryKey: ["positions"], exact: true });
    },
  });
  return (
    <div>
      <Button kind="plain" onClick={() => setAsking(true)}>
        {t("recruiter.about.archive.open")}
      </Button>
      {asking && (
        <Dialog title={t("recruiter.about.archive.title")} onClose={() => setAsking(false)}>
          <p>{t("recruiter.about.archive.what")}</p>
          {archiving.error !== null && <ProblemNotice error={archiving.error} />}
          <div className="row">
            <Button kind="danger" busy={archiving.isPending} onClick={() => archiving.mutate()}>
              {t("recruiter.about.archive.send")}
            </Button>
            <Button kind="plain" onClick={() => setAsking(false)}>
              {t("recruiter.cancel")}
            </Button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
