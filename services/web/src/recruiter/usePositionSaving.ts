import { useMutation, useQueryClient } from "@tanstack/react-query";
import { createPosition, type Position, updatePosition } from "../api/positions";
import { type BankCompetency, createRubric } from "../api/rubrics";
import { FROM_BANK, type PositionDraft, specOf } from "./positionDraft";
import { changeOf, textFromBank } from "./rubricDraft";

/** Save a draft: rubrics that it takes from the bank are made first, each once, whatever happens to the rest. */
export function usePositionSaving(
  base: Position | null,
  bank: readonly BankCompetency[],
  onRubric: (competencyId: string, rubricId: string) => void,
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (draft: PositionDraft): Promise<Position> => {
      const competencies = [];
      for (const one of draft.competencies) {
        const known = bank.find(({ competency }) => competency?.competency_id === one.id);
        if (one.rubric !== FROM_BANK || known === undefined) {
          competencies.push(one);
          continue;
        }
        const made = await createRubric({ ...changeOf(textFromBank(known)), language: draft.language });
        onRubric(one.id, made.rubric.rubric_id);
        competencies.push({ ...one, rubric: made.rubric.rubric_id });
      }
      const spec = specOf({ ...draft, competencies });
      return base === null ? createPosition(spec) : updatePosition(base, spec);
    },
    onSuccess: (saved) => {
      queries.setQueryData(["positions", saved.position_id], saved);
      void queries.invalidateQueries({ queryKey: ["positions"], exact: true });
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: ["rubrics"] }),
  });
}
