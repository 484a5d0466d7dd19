import { useMutation, useQueryClient } from "@tanstack/react-query";
import { createPosition, type Position, updatePosition } from "../api/positions";
import { type BankCompetency, createRubric } from "../api/rubrics";
import { FROM_BANK, type PositionDraft, specOf } from "./positionDraft";
import { changeOf, textFromBank } from "./rubricDraft";

interface Saved {
  position: Position;
  /** The draft that was sent, with the rubrics that were made for it. */
  sent: PositionDraft;
}

/** Save a draft: rubrics that it takes from the bank are made first, each once, whatever happens to the rest. */
export function usePositionSaving(
  base: Position | null,
  bank: readonly BankCompetency[],
  onRubric: (competencyId: string, rubricId: string) => void,
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (draft: PositionDraft): Promise<Saved> => {
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
      const sent = { ...draft, competencies };
      const spec = specOf(sent);
      return { sent, position: await (base === null ? createPosition(spec) : updatePosition(base, spec)) };
    },
    onSuccess: ({ position }) => {
      queries.setQueryData(["positions", position.position_id], position);
      void queries.invalidateQueries({ queryKey: ["positions"], exact: true });
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: ["rubrics"] }),
  });
}
