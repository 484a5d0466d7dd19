import type { Answer } from "../api/interview";
import { TimeLeft } from "../candidate/TimeLeft";
import { TurnCard } from "../candidate/TurnCard";
import { Part, State } from "./Part";
import { turnOf } from "./samples";

const GAPS = [{ start_seconds: 7, end_seconds: 9.4, reason: "ENGINE_AWAY" }];
const CORRECTED = "I rebuilt the ledger myself.";
const NONE = { text: "", revisions: [], words: [], passages: [], confidence: null };

const STATES: [string, Partial<Answer>][] = [
  ["heard, with words that are unsure", {}],
  ["heard, too unsure to be scored", { confidence: 0.4 }],
  ["not all of it was written down, on a bad line", { gaps: GAPS, line_faults: ["loss"] }],
  [
    "corrected, with a remark",
    {
      text: CORRECTED,
      revisions: [
        { revision: 1, text: "I rebuilt the ledger.", created_at: null },
        { revision: 2, text: CORRECTED, created_at: null },
      ],
      remark: "Alone.",
    },
  ],
  ["typed", { ...NONE, text: "I rebuilt it.\n\nThen I measured.", modality: "text" }],
  ["nothing", { ...NONE, modality: "text" }],
  ["its words are still to come", { ...NONE, line: null }],
  ["nothing of it could be written down", { ...NONE, gaps: GAPS }],
];
const MINUTES = [0, 1, 25];

/** An answer that was given, and the time that is left for others. */
export function Answers() {
  return (
    <>
      <Part name="TurnCard">
        {STATES.map(([of, changes], index) => (
          <State key={of} of={of}>
            <TurnCard turn={turnOf(index + 1, changes)} language="en" threshold={0.6} />
          </State>
        ))}
      </Part>
      <Part name="TimeLeft">
        {MINUTES.map((minutes) => (
          <TimeLeft key={minutes} endsAt={new Date(Date.now() + minutes * 60_000).toISOString()} />
        ))}
      </Part>
    </>
  );
}
