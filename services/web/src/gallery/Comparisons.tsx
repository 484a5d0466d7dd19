import { useState } from "react";
import { ComparisonTable } from "../recruiter/compare/ComparisonTable";
import { competenciesOf, type View } from "../recruiter/compare/comparison";
import "../recruiter/compare/compare.css";
import { Filters } from "../recruiter/compare/Filters";
import { Plot } from "../recruiter/compare/Plot";
import { Overview } from "../recruiter/interview/Overview";
import { Provenance } from "../recruiter/interview/Provenance";
import "../recruiter/interview/interview.css";
import "../recruiter/recruiter.css";
import { Part } from "./Part";
import { INTERVIEW, REPORT, ROWS } from "./samples";

/** Candidates side by side, and one of them at a glance. */
export function Comparisons() {
  const [view, setView] = useState<View>({});
  const competencies = competenciesOf(ROWS);
  return (
    <>
      <Part name="Filters">
        <Filters view={view} onView={setView} />
      </Part>
      <Part name="ComparisonTable">
        <ComparisonTable rows={ROWS} competencies={competencies} view={view} onView={setView} />
      </Part>
      <Part name="Plot">
        <Plot rows={ROWS} competencies={competencies} />
      </Part>
      <Part name="Overview">
        <Overview report={REPORT} />
      </Part>
      <Part name="Provenance">
        <Provenance interview={INTERVIEW} report={REPORT} />
      </Part>
    </>
  );
}
