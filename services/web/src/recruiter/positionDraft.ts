/** A position while it is written: what is typed, what is wrong with it, and what is sent. */
import type { Position, PositionSpec } from "../api/positions";
import type { BankCompetency, RubricVersion } from "../api/rubrics";

/** A rubric that is made from the question bank's criteria when the position is saved. */
export const FROM_BANK = "bank";
export const FULL = 100;
export const MOST_COMPETENCIES = 12;

export interface DraftCompetency {
  id: string;
  title: string;
  description: string;
  weight: string;
  /** A rubric's id, FROM_BANK, or empty for none yet. */
  rubric: string;
}

/** Numbers stand as they are typed. */
export interface PositionDraft {
  title: string;
  jobDescription: string;
  language: PositionSpec["language"];
  mode: PositionSpec["mode"];
  minutes: string;
  maxQuestions: string;
  patience: string;
  /** Percent. */
  confidence: string;
  accommodations: string;
  competencies: DraftCompetency[];
}

export type FaultKind =
  | "empty"
  | "long"
  | "minutes"
  | "questions"
  | "patience"
  | "confidence"
  | "weight"
  | "noCompetency"
  | "noRubric";

/** An empty draft. */
export function emptyDraft(language: PositionSpec["language"]): PositionDraft {
  return {
    title: "",
    jobDescription: "",
    language,
    mode: "hiring",
    minutes: "30",
    maxQuestions: "",
    patience: "5",
    confidence: "60",
    accommodations: "",
    competencies: [],
  };
}

/** What a position says, as a draft. */
export function draftOf({ spec }: Position): PositionDraft {
  if (spec === null) return emptyDraft("en");
  return {
    title: spec.title,
    jobDescription: spec.job_description,
    language: spec.language ?? "en",
    mode: spec.mode ?? "hiring",
    minutes: String(Math.round((spec.duration_seconds ?? 0) / 6) / 10),
    maxQuestions: spec.max_questions === 0 ? "" : String(spec.max_questions),
    patience: String(spec.patience_seconds ?? 5),
    confidence: String(Math.round(spec.min_confidence * 100)),
    accommodations: spec.accommodations,
    competencies: spec.competencies.map(({ competency, weight, rubric_id }) => ({
      id: competency?.competency_id ?? "",
      title: competency?.title ?? "",
      description: competency?.description ?? "",
      weight: String(weight),
      rubric: rubric_id,
    })),
  };
}

/** A competency of the bank, for the draft: with what is left of the hundred as its weight. */
export function fromBank({ competency }: BankCompetency, left: number): DraftCompetency {
  return {
    id: competency?.competency_id ?? "",
    title: competency?.title ?? "",
    description: competency?.description ?? "",
    weight: String(Math.max(left, 1)),
    rubric: FROM_BANK,
  };
}

/** A competency in own words; its id is the first that is free. */
export function ownCompetency(taken: readonly DraftCompetency[], left: number): DraftCompetency {
  const ids = new Set(taken.map(({ id }) => id));
  let number = 1;
  while (ids.has(`own_${number}`)) number += 1;
  return { id: `own_${number}`, title: "", description: "", weight: String(Math.max(left, 1)), rubric: "" };
}

/** The whole number that is typed; null for anything else, and outside of the bounds. */
function whole(text: string, least: number, most: number): number | null {
  const trimmed = text.trim();
  if (!/^\d{1,6}$/.test(trimmed)) return null;
  const number = Number(trimmed);
  return number >= least && number <= most ? number : null;
}

function decimal(text: string, least: number, most: number): number | null {
  const trimmed = text.trim().replace(",", ".");
  if (!/^\d{1,6}(\.\d{1,3})?$/.test(trimmed)) return null;
  const number = Number(trimmed);
  return number >= least && number <= most ? number : null;
}

/** What the weights sum to; what is no number counts nothing. */
export function weightSum(weights: readonly string[]): number {
  return weights.reduce((sum, weight) => sum + (whole(weight, 0, 999) ?? 0), 0);
}

/** Whole weights for so many, as even as can be; they sum to 100. */
export function evenWeights(count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    return Math.floor(FULL / count) + (index < FULL % count ? 1 : 0);
  });
}

/** What keeps the draft from being saved, by field. */
export function faultsOf(draft: PositionDraft): Map<string, FaultKind> {
  const faults = new Map<string, FaultKind>();
  const text = (field: string, value: string, most: number, needed = true) => {
    if (needed && value.trim() === "") faults.set(field, "empty");
    else if (value.length > most) faults.set(field, "long");
  };
  text("title", draft.title, 200);
  text("jobDescription", draft.jobDescription, 20_000);
  text("accommodations", draft.accommodations, 4000, false);
  if (decimal(draft.minutes, 5, 240) === null) faults.set("minutes", "minutes");
  if (draft.maxQuestions.trim() !== "" && whole(draft.maxQuestions, 1, 40) === null) {
    faults.set("maxQuestions", "questions");
  }
  if (decimal(draft.patience, 1, 30) === null) faults.set("patience", "patience");
  if (whole(draft.confidence, 0, 100) === null) faults.set("confidence", "confidence");
  if (draft.competencies.length === 0) faults.set("competencies", "noCompetency");
  draft.competencies.forEach((one, index) => {
    text(`competencies.${index}.title`, one.title, 200);
    text(`competencies.${index}.description`, one.description, 2000, false);
    if (whole(one.weight, 1, FULL) === null) faults.set(`competencies.${index}.weight`, "weight");
    if (one.rubric === "") faults.set(`competencies.${index}.rubric`, "noRubric");
  });
  return faults;
}

/** What is sent. The draft has no faults and every competency a rubric's id. */
export function specOf(draft: PositionDraft): PositionSpec {
  return {
    title: draft.title.trim(),
    job_description: draft.jobDescription.trim(),
    language: draft.language,
    mode: draft.mode,
    duration_seconds: Math.round((decimal(draft.minutes, 5, 240) ?? 0) * 60),
    patience_seconds: decimal(draft.patience, 1, 30) ?? 0,
    accommodations: draft.accommodations.trim(),
    competencies: draft.competencies.map((one) => ({
      competency: { competency_id: one.id, title: one.title.trim(), description: one.description.trim() },
      weight: whole(one.weight, 1, FULL) ?? 0,
      rubric_id: one.rubric,
      rubric_version: 0,
    })),
    min_confidence: (whole(draft.confidence, 0, 100) ?? 0) / 100,
    max_questions: whole(draft.maxQuestions, 1, 40) ?? 0,
  };
}

export type Blocker =
  | { kind: "sum"; sum: number }
  | { kind: "questions"; count: number }
  | { kind: "rubricSum"; title: string; rubricId: string; sum: number };

/** What keeps a draft without faults from being published. */
export function blockersOf(draft: PositionDraft, rubrics: readonly RubricVersion[]): Blocker[] {
  const blockers: Blocker[] = [];
  const sum = weightSum(draft.competencies.map(({ weight }) => weight));
  if (sum !== FULL) blockers.push({ kind: "sum", sum });
  const most = whole(draft.maxQuestions, 1, 40);
  if (most !== null && most < draft.competencies.length) {
    blockers.push({ kind: "questions", count: draft.competencies.length });
  }
  for (const { title, rubric } of unpublished(draft, rubrics)) {
    const total = rubric.criteria.reduce((all, { weight }) => all + weight, 0);
    if (total !== FULL) blockers.push({ kind: "rubricSum", title, rubricId: rubric.rubric_id, sum: total });
  }
  return blockers;
}

/** The rubrics that were never published, which publishing the position publishes too. */
export function unpublished(draft: PositionDraft, rubrics: readonly RubricVersion[]): RubricVersion[] {
  const used = new Set(draft.competencies.map(({ rubric }) => rubric));
  return rubrics.filter(
    ({ rubric, state }) => used.has(rubric.rubric_id) && state === "draft" && rubric.version === 1,
  );
}
