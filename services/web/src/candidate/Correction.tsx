import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ANSWER_MOST, type Answer, reviseTranscript, type Turn } from "../api/interview";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import { useLookAgain } from "./interviewState";
import { keep, kept } from "./onDevice";
import { useSend, Waiting } from "./useSend";

interface Draft {
  text: string;
  remark: string;
  /** Of the transcript that is corrected. */
  revision: number;
}

/** Where the correction of an answer is kept until it is sent. */
export function placeOf(turn: Turn): string {
  return `correction.${turn.turn_id}`;
}

function unsent(turn: Turn): Draft | null {
  const found = kept(placeOf(turn));
  if (typeof found !== "object" || found === null) return null;
  const { text, remark, revision } = found as Record<string, unknown>;
  if (typeof text !== "string" || typeof remark !== "string" || typeof revision !== "number") return null;
  return { text, remark, revision };
}

/** Corrects an answer and says something about it. What is written is kept on this device until it is sent. */
export function Correction({ turn, answer, onDone }: { turn: Turn; answer: Answer; onDone: () => void }) {
  const { t } = useTranslation();
  const lookAgain = useLookAgain();
  const id = useId();
  const revision = answer.revisions.at(-1)?.revision ?? 1;
  const [before] = useState(() => unsent(turn));
  const [draft, setDraft] = useState<Draft>(
    () => before ?? { text: answer.text, remark: answer.remark, revision },
  );
  const place = placeOf(turn);
  const write = (changes: Partial<Draft>) => {
    const now = { ...draft, ...changes };
    setDraft(now);
    keep(place, now.text === answer.text && now.remark === answer.remark ? null : now);
  };
  const done = () => {
    keep(place, null);
    onDone();
  };
  const saving = useSend(
    (what: Draft) => reviseTranscript(turn.turn_id, what.revision, what.text, what.remark),
    () => {
      lookAgain();
      done();
    },
    { refused: lookAgain },
  );
  // Somebody who was told that it was changed elsewhere, and sends it all the same, means it.
  const told = saving.problem !== null && why(saving.problem.reason) === "review.stale";
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        saving.send({ ...draft, revision: told ? revision : draft.revision });
      }}
    >
      {before !== null && <Notice>{t("review.restored")}</Notice>}
      <label htmlFor={`${id}text`}>{t("review.text")}</label>
      <textarea
        id={`${id}text`}
        className="field answer"
        dir="auto"
        maxLength={ANSWER_MOST}
        readOnly={saving.busy}
        value={draft.text}
        onChange={(event) => write({ text: event.target.value })}
      />
      <label htmlFor={`${id}remark`}>{t("review.remark")}</label>
      <textarea
        id={`${id}remark`}
        className="field"
        dir="auto"
        maxLength={4000}
        readOnly={saving.busy}
        value={draft.remark}
        onChange={(event) => write({ remark: event.target.value })}
      />
      <Waiting of={saving} />
      {saving.problem !== null && (
        <Notice tone="bad" live>
          {t(why(saving.problem.reason))}
        </Notice>
      )}
      <div className="row">
        <Button type="submit" busy={saving.busy}>
          {t("review.save")}
        </Button>
        <Button kind="plain" onClick={done}>
          {t("dialog.cancel")}
        </Button>
      </div>
    </form>
  );
}

function why(reason: string): "review.stale" | "review.frozen" | "review.notSaved" {
  if (reason === "PRECONDITION_FAILED" || reason === "STALE_REVISION") return "review.stale";
  return reason === "TRANSCRIPT_FROZEN" ? "review.frozen" : "review.notSaved";
}
