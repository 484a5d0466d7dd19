import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import { TextArea, TextInput } from "../ui/Inputs";
import type { DraftCriterion, RubricFault } from "./rubricDraft";

interface Props {
  value: DraftCriterion;
  number: number;
  fault: (field: string) => RubricFault | undefined;
  onChange: (value: DraftCriterion) => void;
  onRemove: () => void;
}

/** One criterion of a rubric: its weight, and what each of the five bands looks like. */
export function CriterionEditor({ value, number, fault, onChange, onRemove }: Props) {
  const { t } = useTranslation();
  const change = (part: Partial<DraftCriterion>) => onChange({ ...value, ...part });
  const name = value.title.trim() || t("recruiter.rubric.criterion", { number });
  const word = (field: string) => {
    const kind = fault(field);
    return kind && t(`recruiter.faults.${kind}`);
  };
  return (
    <fieldset className="card stack item">
      <legend className="hidden">{name}</legend>
      <div className="row apart">
        <h2>{name}</h2>
        <Button kind="plain" onClick={onRemove} aria-label={t("recruiter.editor.removeNamed", { name })}>
          {t("recruiter.remove")}
        </Button>
      </div>
      <div className="columns">
        <TextInput
          label={t("recruiter.rubric.criterionTitle")}
          value={value.title}
          onChange={(title) => change({ title })}
          error={word("title")}
        />
        <TextInput
          label={t("recruiter.weight")}
          value={value.weight}
          onChange={(weight) => change({ weight })}
          error={word("weight")}
          inputMode="numeric"
        />
      </div>
      <TextInput
        label={t("recruiter.rubric.criterionWhat")}
        value={value.description}
        onChange={(description) => change({ description })}
        error={word("description")}
      />
      <div className="stack">
        <h3>{t("recruiter.rubric.anchors")}</h3>
        {value.anchors.map((anchor, index) => (
          <TextArea
            // biome-ignore lint/suspicious/noArrayIndexKey: the place is the band, and bands never move
            key={index}
            label={t("recruiter.rubric.band", {
              band: index + 1,
              word: t(`recruiter.bands.${(index + 1) as 1 | 2 | 3 | 4 | 5}`),
            })}
            rows={2}
            value={anchor}
            onChange={(text) => change({ anchors: value.anchors.with(index, text) })}
            error={word(`anchors.${index}`)}
          />
        ))}
      </div>
    </fieldset>
  );
}
