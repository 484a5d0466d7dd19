import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { BankCompetency, RubricVersion } from "../api/rubrics";
import { Button } from "../ui/Button";
import { Select, TextInput } from "../ui/Inputs";
import { type DraftCompetency, type FaultKind, FROM_BANK } from "./positionDraft";

interface Props {
  value: DraftCompetency;
  number: number;
  bank: readonly BankCompetency[];
  /** In the position's language. */
  rubrics: readonly RubricVersion[];
  fault: (field: string) => FaultKind | undefined;
  onChange: (value: DraftCompetency) => void;
  onRemove: () => void;
}

/** One competency of a position: its weight, and the rubric its answers are scored by. */
export function CompetencyEditor({ value, number, bank, rubrics, fault, onChange, onRemove }: Props) {
  const { t } = useTranslation();
  const known = bank.find(({ competency }) => competency?.competency_id === value.id);
  const word = (field: string) => {
    const kind = fault(field);
    return kind && t(`recruiter.faults.${kind}`);
  };
  const change = (part: Partial<DraftCompetency>) => onChange({ ...value, ...part });
  const name = value.title.trim() || t("recruiter.editor.competency", { number });
  return (
    <fieldset className="card stack item">
      <legend className="hidden">{name}</legend>
      <div className="row apart">
        <h3>{name}</h3>
        <Button kind="plain" onClick={onRemove} aria-label={t("recruiter.editor.removeNamed", { name })}>
          {t("recruiter.remove")}
        </Button>
      </div>
      {known ? (
        <p className="muted">{value.description}</p>
      ) : (
        <>
          <TextInput
            label={t("recruiter.editor.competencyTitle")}
            value={value.title}
            onChange={(title) => change({ title })}
            error={word("title")}
          />
          <TextInput
            label={t("recruiter.editor.competencyWhat")}
            hint={t("recruiter.editor.competencyHint")}
            value={value.description}
            onChange={(description) => change({ description })}
            error={word("description")}
          />
        </>
      )}
      <div className="columns">
        <TextInput
          label={t("recruiter.weight")}
          value={value.weight}
          onChange={(weight) => change({ weight })}
          error={word("weight")}
          inputMode="numeric"
        />
        <Select
          label={t("recruiter.editor.rubric")}
          value={value.rubric}
          onChange={(rubric) => change({ rubric })}
          error={word("rubric")}
        >
          {value.rubric === "" && <option value="">{t("recruiter.editor.chooseRubric")}</option>}
          {known && <option value={FROM_BANK}>{t("recruiter.editor.fromBank")}</option>}
          {rubrics.map(({ title, state, rubric }) => (
            <option key={rubric.rubric_id} value={rubric.rubric_id}>
              {t("recruiter.editor.rubricOption", {
                title,
                version: rubric.version,
                state: state === null ? "" : t(`recruiter.states.${state}`),
              })}
            </option>
          ))}
        </Select>
      </div>
      <Criteria rubric={value.rubric} bank={known} rubrics={rubrics} />
    </fieldset>
  );
}

function Criteria({
  rubric,
  bank,
  rubrics,
}: {
  rubric: string;
  bank: BankCompetency | undefined;
  rubrics: readonly RubricVersion[];
}) {
  const { t } = useTranslation();
  const chosen = rubrics.find((one) => one.rubric.rubric_id === rubric);
  const criteria = rubric === FROM_BANK ? bank?.criteria : chosen?.rubric.criteria;
  if (criteria === undefined) return null;
  return (
    <div className="small stack-tight">
      <ul>
        {criteria.map((one) => (
          <li key={one.criterion_id}>
            {t("recruiter.editor.criterion", { title: one.title, weight: one.weight })}
          </li>
        ))}
      </ul>
      {chosen && (
        <p>
          <Link to="/rubrics/$rubricId" params={{ rubricId: chosen.rubric.rubric_id }}>
            {t("recruiter.editor.openRubric")}
          </Link>
        </p>
      )}
    </div>
  );
}
