import { describe, expect, it } from "vitest";
import type { RubricVersion } from "../api/rubrics";
import { changeOf, differences, newCriterion, rubricFaults, textOf } from "./rubricDraft";

type Criterion = RubricVersion["rubric"]["criteria"][number];

const criterion = (id: string, weight: number, words = "as before"): Criterion => ({
  criterion_id: id,
  title: id,
  description: "",
  weight,
  anchors: [1, 2, 3, 4, 5].map((band) => ({ band, description: `${words} ${band}` })),
});

const version = (...criteria: Criterion[]): RubricVersion => ({
  rubric: { rubric_id: "r", version: 1, sha256: "", criteria },
  title: "Debugging",
  state: "draft",
  language: "en",
  created_at: null,
  published_at: null,
});

describe("a rubric's draft", () => {
  it("is sent as it was read when nothing is changed", () => {
    const read = version(criterion("a", 60), criterion("b", 40));
    expect(changeOf(textOf(read))).toEqual({ title: "Debugging", criteria: read.rubric.criteria });
  });

  it("cannot be saved without words for each band", () => {
    const text = textOf(version(criterion("a", 100)));
    text.criteria.push(newCriterion(text.criteria, 0));
    expect(Object.fromEntries(rubricFaults(text))).toEqual({
      "criteria.1.title": "empty",
      "criteria.1.anchors.0": "empty",
      "criteria.1.anchors.1": "empty",
      "criteria.1.anchors.2": "empty",
      "criteria.1.anchors.3": "empty",
      "criteria.1.anchors.4": "empty",
    });
    expect(rubricFaults({ title: "", criteria: [] })).toEqual(
      new Map([
        ["title", "empty"],
        ["criteria", "noCriterion"],
      ]),
    );
  });

  it("tells what a version changed, and nothing where nothing changed", () => {
    const before = version(criterion("a", 60), criterion("gone", 40));
    const changed = criterion("a", 50);
    changed.anchors = changed.anchors.map((one) => (one.band === 3 ? { ...one, description: "new" } : one));
    const after = version(changed, criterion("b", 50));
    expect(differences(before, after)).toEqual([
      { kind: "weight", criterion: "a", before: 60, after: 50 },
      { kind: "anchor", criterion: "a", band: 3, before: "as before 3", after: "new" },
      { kind: "added", criterion: "b" },
      { kind: "removed", criterion: "gone" },
    ]);
    expect(differences(before, before)).toEqual([]);
  });
});
