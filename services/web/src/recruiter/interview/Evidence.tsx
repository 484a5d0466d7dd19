import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Interview, Report } from "../../api/interviews";
import { Recorded } from "./AnswerSound";
import { type Marked, MarkingContext } from "./marked";
import { Scores } from "./Scores";
import { Transcript } from "./Transcript";

/** Transcript and scores side by side; a quote that is pressed is marked where it was said. */
export function Evidence({ interview, report }: { interview: Interview; report: Report }) {
  const { t } = useTranslation();
  const [marked, setMarked] = useState<Marked | null>(null);
  return (
    <MarkingContext.Provider
      value={{
        marked,
        mark: (turnId, passage, back) =>
          setMarked((before) => ({ turnId, passage, back, count: (before?.count ?? 0) + 1 })),
      }}
    >
      <Recorded interview={interview}>
        <div className="side-by-side">
          <section id="transcript" className="stack" aria-labelledby="transcript-title">
            <h2 id="transcript-title">{t("reviewer.interview.transcript")}</h2>
            <Transcript interview={interview} />
          </section>
          <section id="scores" className="stack" aria-labelledby="scores-title">
            <h2 id="scores-title">{t("reviewer.interview.scores")}</h2>
            <Scores interview={interview} report={report} />
          </section>
        </div>
      </Recorded>
    </MarkingContext.Provider>
  );
}
