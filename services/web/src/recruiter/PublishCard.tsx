import { type UseQueryResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type Position, publishPosition } from "../api/positions";
import { publishRubric, type RubricVersion } from "../api/rubrics";
import { Button } from "../ui/Button";
import { Asked, ProblemNotice } from "./Problems";
import { type Blocker, blockersOf, type PositionDraft, unpublished } from "./positionDraft";

interface Props {
  draft: PositionDraft;
  rubrics: UseQueryResult<RubricVersion[]>;
  save: () => Promise<Position | null>;
  onLeave: () => void;
}

/** What publishing does, what keeps it from being done, and the button. */
export function PublishCard({ draft, rubrics, save, onLeave }: Props) {
  const { t } = useTranslation();
  return (
    <section className="card stack" aria-labelledby="publish">
      <h2 id="publish">{t("recruiter.publish.title")}</h2>
      <p>{t("recruiter.publish.what")}</p>
      <Asked query={rubrics}>
        {(known) => <Publishing draft={draft} known={known} save={save} onLeave={onLeave} />}
      </Asked>
    </section>
  );
}

function Publishing({
  draft,
  known,
  save,
  onLeave,
}: Omit<Props, "rubrics"> & { known: readonly RubricVersion[] }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const blockers = blockersOf(draft, known);
  const fresh = unpublished(draft, known);
  const publishing = useMutation({
    mutationFn: async (): Promise<Position | null> => {
      const saved = await save();
      if (saved === null) return null;
      for (const rubric of fresh) await publishRubric(rubric);
      return publishPosition(saved);
    },
    onSuccess: async (published) => {
      if (published === null) return;
      onLeave();
      queries.setQueryData(["positions", published.position_id], published);
      void queries.invalidateQueries({ queryKey: ["positions"], exact: true });
      await navigate({ to: "/positions/$positionId/invite", params: { positionId: published.position_id } });
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: ["rubrics"] }),
  });
  return (
    <>
      {fresh.length > 0 && (
        <p className="muted">
          {t("recruiter.publish.rubrics", { titles: fresh.map(({ title }) => title).join(", ") })}
        </p>
      )}
      {blockers.length > 0 && (
        <div className="stack-tight" id="blockers" role="status">
          <strong>{t("recruiter.publish.blocked")}</strong>
          <ul>
            {blockers.map((one) => (
              <BlockerLine key={JSON.stringify(one)} blocker={one} />
            ))}
          </ul>
        </div>
      )}
      {publishing.error !== null && <ProblemNotice error={publishing.error} />}
      <div className="row">
        <Button
          busy={publishing.isPending}
          disabled={blockers.length > 0}
          aria-describedby={blockers.length > 0 ? "blockers" : undefined}
          onClick={() => publishing.mutate()}
        >
          {t("recruiter.publish.send")}
        </Button>
      </div>
    </>
  );
}

function BlockerLine({ blocker }: { blocker: Blocker }) {
  const { t } = useTranslation();
  if (blocker.kind === "sum") return <li>{t("recruiter.publish.sum", { sum: blocker.sum })}</li>;
  if (blocker.kind === "questions")
    return <li>{t("recruiter.publish.questions", { count: blocker.count })}</li>;
  return (
    <li>
      {t("recruiter.publish.rubricSum", { title: blocker.title, sum: blocker.sum })}{" "}
      <Link to="/rubrics/$rubricId" params={{ rubricId: blocker.rubricId }}>
        {t("recruiter.editor.openRubric")}
      </Link>
    </li>
  );
}
