import { useState } from "react";
import { useTranslation } from "react-i18next";
import { complete, type Interview } from "../api/interview";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import { Page } from "../ui/Page";
import { placeOf } from "./Correction";
import { useTakeIn } from "./interviewState";
import { kept } from "./onDevice";
import { answeredTurns } from "./steps";
import { TurnCard } from "./TurnCard";
import { Unconfirmed, useSend, Waiting } from "./useSend";

/** The candidate reads what was written down, corrects it, and hands it in. */
export function ReviewPage({ interview }: { interview: Interview }) {
  const { t } = useTranslation();
  const takeIn = useTakeIn();
  const ending = useSend(complete, takeIn, {
    pressed: { place: `pressed.complete.${interview.interview_id}`, called: () => t("review.send") },
  });
  const [pressed, setPressed] = useState(false);
  const turns = answeredTurns(interview);
  const unkept = turns.filter((turn) => kept(placeOf(turn)) !== null);
  const send = () => {
    setPressed(true);
    // Nobody loses a correction by handing in.
    if (turns.every((turn) => kept(placeOf(turn)) === null)) ending.send();
  };
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
      {pressed && unkept.length > 0 && (
        <Notice tone="bad" live>
          {t("review.unkept", { numbers: unkept.map((turn) => turn.number).join(", ") })}
        </Notice>
      )}
      <Unconfirmed of={ending} />
      <Waiting of={ending} />
      {ending.problem !== null && (
        <Notice tone="bad" live>
          {t("review.failed")}
        </Notice>
      )}
      <div className="row">
        <Button onClick={send} busy={ending.busy}>
          {t(ending.busy ? "review.sending" : "review.send")}
        </Button>
      </div>
    </Page>
  );
}
