import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { BankCompetency, RubricVersion } from "../api/rubrics";
import { Button } from "../ui/Button";
import { Select } from "../ui/Inputs";
import { CompetencyEditor } from "./CompetencyEditor";
import { Asked } from "./Problems";
import {
  type DraftCompetency,
  evenWeights,
  type FaultKind,
  FULL,
  fromBank,
  MOST_COMPETENCIES,
  ownCompetency,
  type PositionDraft,
  weightSum,
} from "./positionDraft";
import { WeightSum } from "./WeightSum";

interface Props {
  draft: PositionDraft;
  bank: UseQueryResult<BankCompetency[]>;
  rubrics: UseQueryResult<RubricVersion[]>;
  fault: (field: string) => FaultKind | undefined;
  onChange: (competencies: DraftCompetency[]) => void;
}

/** What a position asks for, and how much each counts. */
export function CompetencyList({ draft, bank, rubrics, fault, onChange }: Props) {
  const { t } = useTranslation();
  const { competencies, language } = draft;
  const sum = weightSum(competencies.map(({ weight }) => weight));
  const wrong = fault("competencies");
  const spread = () => {
    const even = evenWeights(competencies.length);
    onChange(competencies.map((one, index) => ({ ...one, weight: String(even[index]) })));
  };
  return (
    <section className="stack" aria-labelledby="competencies">
      <div className="row apart">
        <h2 id="competencies">{t("recruiter.editor.competencies")}</h2>
        <WeightSum sum={sum} />
      </div>
      <p className="muted">{t("recruiter.editor.competenciesWhat")}</p>
      {wrong && <p className="wrong">{t(`recruiter.faults.${wrong}`)}</p>}
      <Asked query={rubrics}>
        {(known) =>
          competencies.map((one, index) => (
            <CompetencyEditor
              key={one.id}
              value={one}
              number={index + 1}
              bank={bank.data ?? []}
              rubrics={known.filter((rubric) => rubric.language === language)}
              fault={(field) => fault(`competencies.${index}.${field}`)}
              onChange={(changed) => onChange(competencies.with(index, changed))}
              onRemove={() => onChange(competencies.toSpliced(index, 1))}
            />
          ))
        }
      </Asked>
      {competencies.length < MOST_COMPETENCIES && (
        <Asked query={bank}>
          {(known) => (
            <Adding
              bank={known.filter(
                ({ competency }) => !competencies.some(({ id }) => id === competency?.competency_id),
              )}
              onBank={(one) => onChange([...competencies, fromBank(one, FULL - sum)])}
              onOwn={() => onChange([...competencies, ownCompetency(competencies, FULL - sum)])}
            />
          )}
        </Asked>
      )}
      {competencies.length > 1 && sum !== FULL && (
        <div>
          <Button kind="plain" onClick={spread}>
            {t("recruiter.editor.spread")}
          </Button>
        </div>
      )}
    </section>
  );
}

function Adding({
  bank,
  onBank,
  onOwn,
}: {
  bank: BankCompetency[];
  onBank: (one: BankCompetency) => void;
  onOwn: () => void;
}) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState("");
  const one = bank.find(({ competency }) => competency?.competency_id === chosen) ?? bank[0];
  return (
    <div className="row adding">
      {one && (
        <>
          <Select
            label={t("recruiter.editor.bank")}
            value={one.competency?.competency_id ?? ""}
            onChange={setChosen}
          >
            {bank.map(({ competency }) => (
              <option key={competency?.competency_id} value={competency?.competency_id}>
                {competency?.title}
              </option>
            ))}
          </Select>
          <Button kind="plain" onClick={() => onBank(one)}>
            {t("recruiter.editor.add")}
          </Button>
        </>
      )}
      <Button kind="plain" onClick={onOwn}>
        {t("recruiter.editor.addOwn")}
      </Button>
    </div>
  );
}
