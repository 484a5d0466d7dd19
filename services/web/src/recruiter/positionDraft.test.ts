import { describe, expect, it } from "vitest";
import type { RubricVersion } from "../api/rubrics";
import {
  blockersOf,
  type DraftCompetency,
  emptyDraft,
  evenWeights,
  faultsOf,
  ownCompetency,
  type PositionDraft,
  specOf,
  unpublished,
  weightSum,
} from "./positionDraft";

const competency = (id: string, weight: string, rubric = "r"): DraftCompetency => ({
  id,
  title: id,
  description: "",
  weight,
  rubric,
});

const draft = (...competencies: DraftCompetency[]): PositionDraft => ({
  ...emptyDraft("en"),
  title: "Backend engineer",
  jobDescription: "You run our payments.",
  competencies,
});

const rubric = (id: string, state: "draft" | "published", weights: number[], version = 1): RubricVersion => ({
  rubric: {
    rubric_id: id,
    version,
    sha256: "",
    criteria: weights.map((weight, index) => ({
      criterion_id: `c${index}`,
      title: "",
      description: "",
      weight,
      anchors: [],
    })),
  },
  title: id,
  state,
  language: "en",
  created_at: null,
  published_at: null,
});

describe("a position's draft", () => {
  it("cannot be published at 99", () => {
    const at = (last: string) => blockersOf(draft(competency("a", "60"), competency("b", last)), []);
    expect(at("39")).toEqual([{ kind: "sum", sum: 99 }]);
    expect(at("40")).toEqual([]);
    expect(at("41")).toEqual([{ kind: "sum", sum: 101 }]);
  });

  it("counts no weight that is no whole number", () => {
    expect(weightSum(["60", "x", "", "1.5", "-4"])).toBe(60);
  });

  it("spreads weights evenly, and always to 100", () => {
    expect(evenWeights(3)).toEqual([34, 33, 33]);
    for (let count = 1; count <= 12; count += 1) {
      expect(evenWeights(count).reduce((sum, weight) => sum + weight, 0)).toBe(100);
    }
  });

  it("may be saved at any sum, but not with a field that is empty or no number", () => {
    expect(faultsOf(draft(competency("a", "7")))).toEqual(new Map());
    const wrong = { ...draft(competency("a", "0", "")), title: " ", minutes: "4", maxQuestions: "x" };
    expect(Object.fromEntries(faultsOf(wrong))).toEqual({
      title: "empty",
      minutes: "minutes",
      maxQuestions: "questions",
      "competencies.0.weight": "weight",
      "competencies.0.rubric": "noRubric",
    });
    expect(faultsOf(draft()).get("competencies")).toBe("noCompetency");
  });

  it("needs a question for each competency where questions are limited", () => {
    const limited = { ...draft(competency("a", "50"), competency("b", "50")), maxQuestions: "1" };
    expect(blockersOf(limited, [])).toEqual([{ kind: "questions", count: 2 }]);
  });

  it("publishes rubrics that never were, and is held up by one that is not complete", () => {
    const wanted = draft(competency("a", "50", "new"), competency("b", "50", "old"));
    const known = [
      rubric("new", "draft", [60, 30]),
      rubric("old", "draft", [50], 2),
      rubric("no", "draft", [1]),
    ];
    expect(unpublished(wanted, known).map(({ title }) => title)).toEqual(["new"]);
    expect(blockersOf(wanted, known)).toEqual([
      { kind: "rubricSum", title: "new", rubricId: "new", sum: 90 },
    ]);
  });

  it("is sent in the gateway's units", () => {
    const spec = specOf({ ...draft(competency("a", "100")), minutes: "12.5", confidence: "70" });
    expect(spec).toMatchObject({
      duration_seconds: 750,
      min_confidence: 0.7,
      max_questions: 0,
      patience_seconds: 5,
    });
  });

  it("gives own competencies ids that are free", () => {
    expect(ownCompetency([competency("own_1", "1"), competency("own_3", "1")], 40)).toMatchObject({
      id: "own_2",
      weight: "40",
    });
  });
});
