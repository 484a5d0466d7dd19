/** A rubric while it is written: what is typed, what is wrong with it, and what is sent. */
import type { BankCompetency, RubricChange, RubricVersion } from "../api/rubrics";
import { FULL } from "./positionDraft";

export const BANDS = [1, 2, 3, 4, 5] as const;
export const MOST_CRITERIA = 12;

export interface DraftCriterion {
  id: string;
  title: string;
  description: string;
  /** As it is typed. */
  weight: string;
  /** Of the bands 1 to 5. */
  anchors: string[];
}

export interface RubricText {
  title: string;
  criteria: DraftCriterion[];
}

export type RubricFault = "empty" | "long" | "weight" | "noCriterion";

type Criteria = RubricVersion["rubric"]["criteria"];

function criteriaOf(criteria: Criteria): DraftCriterion[] {
  return criteria.map((one) => ({
    id: one.criterion_id,
    title: one.title,
    description: one.description,
    weight: String(one.weight),
    anchors: BANDS.map((band) => one.anchors.find((anchor) => anchor.band === band)?.description ?? ""),
  }));
}

/** What a version says, to be changed. */
export function textOf({ title, rubric }: RubricVersion): RubricText {
  return { title, criteria: criteriaOf(rubric.criteria) };
}

/** What the bank proposes for a competency. */
export function textFromBank({ competency, criteria }: BankCompetency): RubricText {
  return { title: competency?.title ?? "", criteria: criteriaOf(criteria) };
}

/** A criterion with nothing in it; its id is the first that is free. */
export function newCriterion(taken: readonly DraftCriterion[], left: number): DraftCriterion {
  const ids = new Set(taken.map(({ id }) => id));
  let number = 1;
  while (ids.has(`criterion_${number}`)) number += 1;
  return {
    id: `criterion_${number}`,
    title: "",
    description: "",
    weight: String(Math.max(left, 1)),
    anchors: BANDS.map(() => ""),
  };
}

/** What keeps it from being saved, by field. */
export function rubricFaults({ title, criteria }: RubricText): Map<string, RubricFault> {
  const faults = new Map<string, RubricFault>();
  const text = (field: string, value: string, most: number, needed = true) => {
    if (needed && value.trim() === "") faults.set(field, "empty");
    else if (value.length > most) faults.set(field, "long");
  };
  text("title", title, 200);
  if (criteria.length === 0) faults.set("criteria", "noCriterion");
  criteria.forEach((one, index) => {
    const at = `criteria.${index}`;
    text(`${at}.title`, one.title, 200);
    text(`${at}.description`, one.description, 2000, false);
    const weight = Number(one.weight.trim());
    if (!/^\d{1,3}$/.test(one.weight.trim()) || weight < 1 || weight > FULL) {
      faults.set(`${at}.weight`, "weight");
    }
    one.anchors.forEach((anchor, band) => {
      text(`${at}.anchors.${band}`, anchor, 1000);
    });
  });
  return faults;
}

/** What is sent. The text has no faults. */
export function changeOf({ title, criteria }: RubricText): RubricChange {
  return {
    title: title.trim(),
    criteria: criteria.map((one) => ({
      criterion_id: one.id,
      title: one.title.trim(),
      description: one.description.trim(),
      weight: Number(one.weight),
      anchors: one.anchors.map((description, index) => ({
        band: index + 1,
        description: description.trim(),
      })),
    })),
  };
}

export type Difference =
  | { kind: "added"; criterion: string }
  | { kind: "removed"; criterion: string }
  | { kind: "weight"; criterion: string; before: number; after: number }
  | { kind: "title" | "description"; criterion: string; before: string; after: string }
  | { kind: "anchor"; criterion: string; band: number; before: string; after: string };

/** What a version changed, criterion by criterion; a title is the newer one. */
export function differences(before: RubricVersion, after: RubricVersion): Difference[] {
  const old = new Map(criteriaOf(before.rubric.criteria).map((one) => [one.id, one]));
  const found: Difference[] = [];
  for (const one of criteriaOf(after.rubric.criteria)) {
    const was = old.get(one.id);
    old.delete(one.id);
    if (was === undefined) found.push({ kind: "added", criterion: one.title });
    else found.push(...changes(was, one));
  }
  for (const { title } of old.values()) found.push({ kind: "removed", criterion: title });
  return found;
}

function changes(was: DraftCriterion, is: DraftCriterion): Difference[] {
  const found: Difference[] = [];
  const criterion = is.title;
  for (const kind of ["title", "description"] as const) {
    if (was[kind] !== is[kind]) found.push({ kind, criterion, before: was[kind], after: is[kind] });
  }
  if (was.weight !== is.weight) {
    found.push({ kind: "weight", criterion, before: Number(was.weight), after: Number(is.weight) });
  }
  is.anchors.forEach((after, index) => {
    const before = was.anchors[index] ?? "";
    if (before !== after) found.push({ kind: "anchor", criterion, band: index + 1, before, after });
  });
  return found;
}
