import { useState } from "react";
import { CompetencyEditor } from "../recruiter/CompetencyEditor";
import { CriterionEditor } from "../recruiter/CriterionEditor";
import { LinkList } from "../recruiter/LinkList";
import { FROM_BANK } from "../recruiter/positionDraft";
import { RubricTable } from "../recruiter/RubricTable";
import "../recruiter/recruiter.css";
import { Part, State } from "./Part";
import { BANK, INVITATIONS, RUBRIC } from "./samples";

const COMPETENCY = { id: "debugging", title: "Debugging", description: "", weight: "60", rubric: FROM_BANK };
const OWN = { id: "own", title: "결제 업무", description: "", weight: "0", rubric: "" };
const CRITERION = {
  id: "depth",
  title: "Depth",
  description: "How far the reasons go.",
  weight: "60",
  anchors: Array.from({ length: 5 }, () => "Names what was measured, and why that."),
};
const NEW = { id: "", title: "", description: "", weight: "", anchors: Array.from({ length: 5 }, () => "") };

/** What positions and rubrics are made of, and the links that come of them. */
export function Recruiting() {
  return (
    <>
      <Part name="CompetencyEditor">
        <State of="of the bank">
          <Competency first={COMPETENCY} />
        </State>
        <State of="one's own, with faults">
          <Competency first={OWN} fault={(field) => (field === "weight" ? "weight" : "empty")} />
        </State>
      </Part>
      <Part name="CriterionEditor">
        <State of="at rest">
          <Criterion first={CRITERION} />
        </State>
        <State of="new, with faults">
          <Criterion first={NEW} faulty />
        </State>
      </Part>
      <Part name="RubricTable">
        <RubricTable rubric={RUBRIC} />
      </Part>
      <Part name="LinkList">
        <LinkList made={INVITATIONS} onMore={() => {}} />
      </Part>
    </>
  );
}

type CompetencyProps = Parameters<typeof CompetencyEditor>[0];

function Competency({
  first,
  fault = () => undefined,
}: {
  first: CompetencyProps["value"];
  fault?: CompetencyProps["fault"];
}) {
  const [value, setValue] = useState(first);
  return (
    <CompetencyEditor
      value={value}
      number={2}
      bank={BANK}
      rubrics={[]}
      fault={fault}
      onChange={setValue}
      onRemove={() => setValue(first)}
    />
  );
}

function Criterion({ first, faulty = false }: { first: typeof CRITERION; faulty?: boolean }) {
  const [value, setValue] = useState(first);
  return (
    <CriterionEditor
      value={value}
      number={1}
      fault={() => (faulty ? "empty" : undefined)}
      onChange={setValue}
      onRemove={() => setValue(first)}
    />
  );
}
