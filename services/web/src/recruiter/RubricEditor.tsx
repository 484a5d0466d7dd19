import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { InterviewLanguage } from "../api/positions";
import { problemOf } from "../api/problems";
import { createRubric, publishRubric, type RubricVersion, updateRubric } from "../api/rubrics";
import { Button } from "../ui/Button";
import { TextInput } from "../ui/Inputs";
import { Notice } from "../ui/Notice";
import { CriterionEditor } from "./CriterionEditor";
import { LeaveGuard } from "./LeaveGuard";
import { ProblemNotice } from "./Problems";
import { FULL, weightSum } from "./positionDraft";
import { changeOf, MOST_CRITERIA, newCriterion, type RubricText, rubricFaults } from "./rubricDraft";
import { WeightSum } from "./WeightSum";

interface Props {
  /** What the change builds on; null for a rubric that is not made yet. */
  rubric: RubricVersion | null;
  language: InterviewLanguage;
  begin: RubricText;
  onSaved: (saved: RubricVersion) => void;
  /** Drop what was typed and begin from what is kept. */
  onReload?: () => void;
}

/** Writes a rubric. What positions use already stays as it is: a change of a published one is the next version. */
export function RubricEditor({ rubric, language, begin, onSaved, onReload }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [base, setBase] = useState(rubric);
  const [text, setText] = useState(begin);
  const [kept, setKept] = useState(() => JSON.stringify(begin));
  const [shown, setShown] = useState(false);
  const left = useRef(false);
  const errors = useRef<HTMLDivElement>(null);
  const faults = rubricFaults(text);
  const dirty = base === null || JSON.stringify(text) !== kept;
  const sum = weightSum(text.criteria.map(({ weight }) => weight));
  const sending = useMutation({
    mutationFn: async (publish: boolean): Promise<RubricVersion> => {
      const saved = !dirty
        ? base
        : base === null
          ? await createRubric({ ...changeOf(text), language })
          : await updateRubric(base, changeOf(text));
      // What is saved is what the next try builds on, should publishing fail.
      setBase(saved);
      setKept(JSON.stringify(text));
      return publish ? publishRubric(saved) : saved;
    },
    onSuccess: (saved) => {
      left.current = rubric === null;
      queries.setQueryData(["rubrics", saved.rubric.rubric_id], saved);
      void queries.invalidateQueries({ queryKey: ["rubrics"], exact: true });
      onSaved(saved);
    },
  });
  const send = (publish: boolean) => {
    setShown(true);
    if (faults.size === 0) sending.mutate(publish);
    else requestAnimationFrame(() => errors.current?.focus());
  };
  const word = (field: string) => {
    const kind = shown ? faults.get(field) : undefined;
    return kind && t(`recruiter.faults.${kind}`);
  };
  const set = (criteria: RubricText["criteria"]) => setText((now) => ({ ...now, criteria }));
  const draftExists = base?.state === "draft";
  return (
    <div className="stack">
      <LeaveGuard unsaved={() => JSON.stringify(text) !== kept && !left.current} />
      {shown && faults.size > 0 && (
        <div ref={errors} tabIndex={-1}>
          <Notice tone="bad" title={t("recruiter.faults.some", { count: faults.size })} live />
        </div>
      )}
      <TextInput
        label={t("recruiter.rubric.name")}
        value={text.title}
        onChange={(title) => setText((now) => ({ ...now, title }))}
        error={word("title")}
      />
      {text.criteria.map((one, index) => (
        <CriterionEditor
          key={one.id}
          value={one}
          number={index + 1}
          fault={(field) => (shown ? faults.get(`criteria.${index}.${field}`) : undefined)}
          onChange={(changed) => set(text.criteria.with(index, changed))}
          onRemove={() => set(text.criteria.toSpliced(index, 1))}
        />
      ))}
      {word("criteria") && <p className="wrong">{word("criteria")}</p>}
      <div className="row apart">
        {text.criteria.length < MOST_CRITERIA && (
          <Button
            kind="plain"
            onClick={() => set([...text.criteria, newCriterion(text.criteria, FULL - sum)])}
          >
            {t("recruiter.rubric.add")}
          </Button>
        )}
        <WeightSum sum={sum} />
      </div>
      {sending.error !== null && (
        <ProblemNotice
          error={sending.error}
          onAgain={problemOf(sending.error).status === 412 ? onReload : undefined}
        />
      )}
      <div className="row">
        <Button kind="plain" busy={sending.isPending} disabled={!dirty} onClick={() => send(false)}>
          {base?.state === "published"
            ? t("recruiter.rubric.nextDraft", { version: base.rubric.version + 1 })
            : t("recruiter.editor.save")}
        </Button>
        <Button
          busy={sending.isPending}
          disabled={sum !== FULL || (!dirty && !draftExists)}
          onClick={() => send(true)}
        >
          {t("recruiter.rubric.publish")}
        </Button>
        {sum !== FULL && <p className="small">{t("recruiter.publish.sum", { sum })}</p>}
      </div>
    </div>
  );
}
