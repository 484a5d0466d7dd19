import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Mode, Position } from "../api/positions";
import { problemOf } from "../api/problems";
import { listBank, listRubrics } from "../api/rubrics";
import { spokenLanguage } from "../i18n";
import { Button } from "../ui/Button";
import { Select, TextArea, TextInput } from "../ui/Inputs";
import { Notice } from "../ui/Notice";
import { CompetencyList } from "./CompetencyList";
import { LeaveGuard } from "./LeaveGuard";
import { ProblemNotice } from "./Problems";
import { PublishCard } from "./PublishCard";
import { draftOf, emptyDraft, faultsOf, type PositionDraft } from "./positionDraft";
import { QuestionPreview } from "./QuestionPreview";
import { usePositionSaving } from "./usePositionSaving";

const MODES = ["hiring", "practice"] as const;

interface Props {
  position: Position | null;
  /** The position was made; the page of it should open. */
  onMade?: (position: Position) => void;
  /** Drop what was typed and begin from what is kept. */
  onReload?: () => void;
}

/** Writes a position that is not published yet. */
export function PositionEditor({ position, onMade, onReload }: Props) {
  const { t } = useTranslation();
  const [base, setBase] = useState(position);
  const [draft, setDraft] = useState<PositionDraft>(() =>
    position === null ? emptyDraft(spokenLanguage()) : draftOf(position),
  );
  const [kept, setKept] = useState(() => JSON.stringify(draft));
  const [shown, setShown] = useState(false);
  const left = useRef(false);
  const errors = useRef<HTMLDivElement>(null);
  const rubrics = useQuery({ queryKey: ["rubrics"], queryFn: listRubrics });
  const bank = useQuery({ queryKey: ["bank", draft.language], queryFn: () => listBank(draft.language) });
  const saving = usePositionSaving(base, bank.data ?? [], (id, rubric) =>
    setDraft((now) => ({
      ...now,
      competencies: now.competencies.map((one) => (one.id === id ? { ...one, rubric } : one)),
    })),
  );
  const faults = faultsOf(draft);
  const dirty = JSON.stringify(draft) !== kept;
  const change = (part: Partial<PositionDraft>) => setDraft((now) => ({ ...now, ...part }));
  const fault = (field: string) => (shown ? faults.get(field) : undefined);
  const word = (field: string) => {
    const kind = fault(field);
    return kind && t(`recruiter.faults.${kind}`);
  };

  /** The saved position; null when there are faults, which are then shown. Throws a Problem. */
  const save = async (): Promise<Position | null> => {
    setShown(true);
    if (faults.size > 0) {
      requestAnimationFrame(() => errors.current?.focus());
      return null;
    }
    if (!dirty && base !== null) return base;
    const { position: saved, sent } = await saving.mutateAsync(draft);
    setBase(saved);
    // What is typed meanwhile stays, and counts as not saved.
    setKept(JSON.stringify(sent));
    if (base === null) {
      left.current = true;
      onMade?.(saved);
    }
    return saved;
  };

  return (
    <div className="stack">
      <LeaveGuard unsaved={() => dirty && !left.current} />
      {shown && faults.size > 0 && (
        <div ref={errors} tabIndex={-1}>
          <Notice tone="bad" title={t("recruiter.faults.some", { count: faults.size })} live />
        </div>
      )}
      <div className="card stack">
        <h2>{t("recruiter.editor.basics")}</h2>
        <TextInput
          label={t("recruiter.editor.title")}
          value={draft.title}
          onChange={(title) => change({ title })}
          error={word("title")}
        />
        <TextArea
          label={t("recruiter.editor.job")}
          hint={t("recruiter.editor.jobHint")}
          value={draft.jobDescription}
          onChange={(jobDescription) => change({ jobDescription })}
          error={word("jobDescription")}
        />
        <ModeChoice value={draft.mode} onChange={(mode) => change({ mode })} />
        <div className="columns">
          <Select
            label={t("recruiter.editor.language")}
            hint={draft.competencies.length > 0 && t("recruiter.editor.languageFixed")}
            value={draft.language}
            disabled={draft.competencies.length > 0}
            onChange={(language) => change({ language: language === "ko" ? "ko" : "en" })}
          >
            <option value="ko">{t("recruiter.languages.ko")}</option>
            <option value="en">{t("recruiter.languages.en")}</option>
          </Select>
          <TextInput
            label={t("recruiter.editor.minutes")}
            value={draft.minutes}
            onChange={(minutes) => change({ minutes })}
            error={word("minutes")}
            inputMode="decimal"
          />
          <TextInput
            label={t("recruiter.editor.questions")}
            hint={t("recruiter.editor.questionsHint")}
            value={draft.maxQuestions}
            onChange={(maxQuestions) => change({ maxQuestions })}
            error={word("maxQuestions")}
            inputMode="numeric"
          />
        </div>
        <details open={["patience", "confidence", "accommodations"].some(fault) || undefined}>
          <summary>{t("recruiter.editor.more")}</summary>
          <div className="stack more">
            <div className="columns">
              <TextInput
                label={t("recruiter.editor.patience")}
                hint={t("recruiter.editor.patienceHint")}
                value={draft.patience}
                onChange={(patience) => change({ patience })}
                error={word("patience")}
                inputMode="decimal"
              />
              <TextInput
                label={t("recruiter.editor.confidence")}
                hint={t("recruiter.editor.confidenceHint")}
                value={draft.confidence}
                onChange={(confidence) => change({ confidence })}
                error={word("confidence")}
                inputMode="numeric"
              />
            </div>
            <TextArea
              label={t("recruiter.editor.accommodations")}
              hint={t("recruiter.editor.accommodationsHint")}
              value={draft.accommodations}
              onChange={(accommodations) => change({ accommodations })}
              error={word("accommodations")}
            />
          </div>
        </details>
      </div>

      <CompetencyList
        draft={draft}
        bank={bank}
        rubrics={rubrics}
        fault={fault}
        onChange={(competencies) => change({ competencies })}
      />

      {saving.error !== null && (
        <ProblemNotice
          error={saving.error}
          onAgain={problemOf(saving.error).status === 412 ? onReload : undefined}
        />
      )}
      <div className="row">
        <Button busy={saving.isPending} onClick={() => void save().catch(() => {})}>
          {t("recruiter.editor.save")}
        </Button>
        <p className="muted small" role="status">
          {base !== null && t(dirty ? "recruiter.editor.unsaved" : "recruiter.editor.saved")}
        </p>
      </div>

      {base !== null && <QuestionPreview competencies={draft.competencies} save={save} />}
      {base !== null && (
        <PublishCard
          draft={draft}
          rubrics={rubrics}
          save={save}
          onLeave={() => {
            left.current = true;
          }}
        />
      )}
    </div>
  );
}

function ModeChoice({ value, onChange }: { value: Mode; onChange: (mode: Mode) => void }) {
  const { t } = useTranslation();
  return (
    <fieldset className="stack-tight">
      <legend className="label">{t("recruiter.editor.mode")}</legend>
      {MODES.map((mode) => (
        <label key={mode} className="choice-card">
          <input type="radio" name="mode" checked={value === mode} onChange={() => onChange(mode)} />
          <span>
            <strong>{t(`recruiter.modes.${mode}.name`)}</strong>
            <span className="muted small">{t(`recruiter.modes.${mode}.what`)}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
