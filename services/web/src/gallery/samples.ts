/** What the components are shown with. */
import type { CandidateRow } from "../api/candidates";
import type { Answer, Turn } from "../api/interview";
import type { Interview, Report } from "../api/interviews";
import type { CreatedInvitation } from "../api/invitations";
import type { BankCompetency, RubricVersion } from "../api/rubrics";
import type { Person } from "../recruiter/people";

export type { Person };

const NAMES = ["김민지", "Alexandra Papadopoulou-Featherstonehaugh", "Lee Jun", "박소라", "مريم الفاسي"];
const AT = "2026-11-26T09:30:00Z";

export function personOf(key: number): Person {
  const name = NAMES[key % NAMES.length] ?? "";
  return { key, name, email: `candidate${key}@example.com`, scheduledAt: "", extra: String((key % 3) * 25) };
}

export const PEOPLE: Person[] = NAMES.map((_, key) => personOf(key));

export const INVITATION = {
  interview_id: "1",
  candidate: { name: NAMES[0], email: "candidate0@example.com" },
  url: "https://viva.example/interview#0123456789abcdef0123456789abcdef0123456789abcdef",
  expires_at: AT,
} as CreatedInvitation;

export const RUBRIC = {
  rubric: {
    criteria: [
      {
        criterion_id: "depth",
        title: "Depth",
        weight: 60,
        description: "How far the reasons go.",
        anchors: [1, 2, 3, 4, 5].map((band) => ({
          band,
          description: "Names what was measured, and why that.",
        })),
      },
      { criterion_id: "result", title: "결과", weight: 40, description: "", anchors: [] },
    ],
  },
} as unknown as RubricVersion;

export const INVITATIONS = [
  INVITATION,
  { ...INVITATION, interview_id: "2", candidate: { name: NAMES[1], email: "candidate1@example.com" } },
] as CreatedInvitation[];

export const BANK = [
  { competency: { competency_id: "debugging" }, criteria: RUBRIC.rubric.criteria },
] as unknown as BankCompetency[];

const MODEL = { id: "qwen2.5-coder-1.5b-instruct", engine: "llama.cpp", sha256: "0".repeat(64) };

export const REPORT = {
  version: 2,
  created_at: AT,
  total: { score: 3.4, scored_weight: 80 },
  coverage: {
    competencies_planned: 2,
    competencies_answered: 2,
    weight_scored: 100,
    criteria_total: 4,
    criteria_unscored: 1,
    criteria_human: 1,
  },
  strengths: [{ title: "Depth", score: 5, turn_number: 1 }],
  gaps: [],
  judge_models: [MODEL],
  question_models: [],
  prompts: [{ id: "score.en", version: 3, sha256: "1".repeat(64) }],
  competencies: [
    { competency: { title: "Debugging" }, rubric: { rubric_id: "r", version: 1, sha256: "2".repeat(64) } },
  ],
} as unknown as Report;

export const INTERVIEW = { turns: [{ question: { origin: { source: "bank" } } }] } as unknown as Interview;

const WORDS = [
  { text: "I", start_seconds: 0, end_seconds: 0.2, confidence: 0.95 },
  { text: "rebuilt", start_seconds: 0.2, end_seconds: 0.6, confidence: 0.4 },
  { text: "the", start_seconds: 0.6, end_seconds: 0.8, confidence: 0.9 },
  { text: "ledger.", start_seconds: 0.8, end_seconds: 1.4, confidence: 0.7 },
];

/** An answer to be read over; spoken, unless the changes say otherwise. */
export function turnOf(number: number, changes: Partial<Answer>): Turn {
  const answer: Answer = {
    state: "submitted",
    text: "I rebuilt the ledger.",
    revisions: [{ revision: 1, text: "I rebuilt the ledger.", created_at: AT }],
    modality: "voice",
    closed_by: "candidate",
    draft: "",
    draft_revision: 0,
    submitted_at: AT,
    confidence: 0.9,
    remark: "",
    words: WORDS,
    passages: [{ first_word: 0, words: WORDS.length }],
    gaps: [],
    line: { loss: 0, jitter_ms: 3, round_trip_ms: 20, clipping: 0, level_dbfs: -24 } as Answer["line"],
    line_faults: [],
    ...changes,
  };
  const question = { state: "asked", text: "What did you do about the nightly batch?", origin: null };
  return { turn_id: `turn ${number}`, number, question, answer } as unknown as Turn;
}

function rowOf(number: number, score: number | null, changes: Partial<CandidateRow> = {}): CandidateRow {
  const cell = (id: string, title: string, weight: number, away: number) => ({
    competency_id: id,
    title,
    weight,
    total: {
      score: score === null ? null : Math.min(5, score + away),
      scored_weight: score === null ? 0 : 80,
    },
    lowest: score === null ? null : 2,
    highest: score === null ? null : 5,
    deviation: score === null ? null : 1.2,
    scores: score === null ? 0 : 3,
    answers: 1,
  });
  return {
    interview_id: String(number),
    candidate: { name: NAMES[number % NAMES.length] ?? "", email: "" },
    total: { score, scored_weight: score === null ? 0 : 80 },
    competencies: [cell("debugging", "Debugging", 60, 0.5), cell("design", "시스템 설계", 40, -0.5)],
    coverage: { weight_scored: score === null ? 0 : 100 },
    decision: null,
    sealed: false,
    disagreement: false,
    demo: false,
    ...changes,
  } as unknown as CandidateRow;
}

/** Candidates as they may differ: scored, not, of a demo, decided, sealed, split, erased. */
export const ROWS: CandidateRow[] = [
  rowOf(0, 4.2, { decision: "advance" }),
  rowOf(1, 3.4, { demo: true }),
  rowOf(2, 2.1, { decision: "hold", disagreement: true }),
  rowOf(3, 3.8, { sealed: true }),
  rowOf(4, null, { candidate: null }),
];
