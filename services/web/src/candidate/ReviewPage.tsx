import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { complete, type Interview } from "../api/interview";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import { Page } from "../ui/Page";
import { useTakeIn } from "./interviewState";
import { answeredTurns } from "./steps";
import { TurnCard } from "./TurnCard";

/** The candidate reads what was written down, corrects it, and hands it in. */
export function ReviewPage({ interview }: { interview: Interview }) {
  const { t } = useTranslation();
  const takeIn = useTakeIn();
  const ending = useMutation({ mutationFn: complete, onSuccess: takeIn });
  const turns = answeredTurns(interview);
  return (
    <Page title={t("review.title")} lead={<p>{t("review.lead")}</p>}>
      {turns.map((turn) => (
        <TurnCard
          key={turn.turn_id}
          turn={turn}
          language={interview.language ?? "en"}
          threshold={interview.min_confidence}
        />
      ))}
      {ending.error !== null && (
        <Notice tone="bad" live>
          {t("review.failed")}
        </Notice>
      )}
      <div className="row">
        <Button onClick={() => ending.mutate()} busy={ending.isPending}>
          {t(ending.isPending ? "review.sending" : "review.send")}
        </Button>
      </div>
    </Page>
  );
}
