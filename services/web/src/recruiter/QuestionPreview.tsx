import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Position, previewQuestion, type Question } from "../api/positions";
import { Button } from "../ui/Button";
import { Select } from "../ui/Inputs";
import { ProblemNotice } from "./Problems";
import type { DraftCompetency } from "./positionDraft";

/** Asks the model for a first question, as a candidate could meet it. What is typed is saved before. */
export function QuestionPreview({
  competencies,
  save,
}: {
  competencies: readonly DraftCompetency[];
  save: () => Promise<Position | null>;
}) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState("");
  const [seed, setSeed] = useState(1);
  const one = competencies.find(({ id }) => id === chosen) ?? competencies[0];
  const asking = useMutation({
    mutationFn: async (id: string): Promise<Question | null> => {
      const saved = await save();
      return saved && previewQuestion(saved.position_id, id, seed);
    },
    onSuccess: () => setSeed((now) => now + 1),
  });
  if (one === undefined) return null;
  return (
    <section className="card stack" aria-labelledby="preview">
      <h2 id="preview">{t("recruiter.preview.title")}</h2>
      <p className="muted">{t("recruiter.preview.what")}</p>
      <div className="row adding">
        <Select label={t("recruiter.preview.competency")} value={one.id} onChange={setChosen}>
          {competencies.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </Select>
        <Button kind="plain" busy={asking.isPending} onClick={() => asking.mutate(one.id)}>
          {t(asking.data ? "recruiter.preview.another" : "recruiter.preview.ask")}
        </Button>
      </div>
      {asking.isPending && (
        <p className="working" role="status">
          {t("recruiter.preview.writing")}
        </p>
      )}
      {asking.error !== null && <ProblemNotice error={asking.error} />}
      {asking.data && !asking.isPending && (
        <div role="status">
          <blockquote className="preview-question">{asking.data.text}</blockquote>
          <p className="muted small">
            {t(asking.data.source === "model" ? "recruiter.preview.byModel" : "recruiter.preview.byBank")}
          </p>
        </div>
      )}
    </section>
  );
}
