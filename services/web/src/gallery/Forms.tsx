import { useState } from "react";
import { useTranslation } from "react-i18next";
import { OneLink } from "../recruiter/LinkList";
import { PeopleTable } from "../recruiter/PeopleTable";
import { ValidFor, WEEK } from "../recruiter/ValidFor";
import { WeightSum } from "../recruiter/WeightSum";
import { Field } from "../ui/Field";
import { Select, TextArea, TextInput } from "../ui/Inputs";
import { Part, State } from "./Part";
import { INVITATION, PEOPLE, type Person } from "./samples";

/** What is typed and chosen. */
export function Forms() {
  return (
    <>
      <Lines />
      <Areas />
      <Choices />
      <Recruiting />
    </>
  );
}

function Lines() {
  const { t } = useTranslation();
  const [text, setText] = useState("김민지");
  const label = t("recruiter.invite.fields.name");
  const given = { label, value: text, onChange: setText };
  return (
    <>
      <Part name="TextInput">
        <State of="at rest, with a hint">
          <TextInput {...given} hint={t("recruiter.invite.validHint")} />
        </State>
        <State of="wrong">
          <TextInput {...given} value="" error={t("recruiter.invite.faults.nameEmpty")} />
        </State>
        <State of="disabled; read only; its label hidden">
          <TextInput {...given} disabled />
          <TextInput {...given} readOnly />
          <TextInput {...given} hideLabel />
        </State>
      </Part>
      <Part name="Field">
        <State of="around a control of one's own, with a hint and a fault">
          <Field
            label={label}
            hint={t("recruiter.invite.validHint")}
            error={t("recruiter.invite.faults.time")}
          >
            {(control) => <input {...control} className="field" type="datetime-local" />}
          </Field>
        </State>
      </Part>
    </>
  );
}

function Areas() {
  const { t } = useTranslation();
  const [text, setText] = useState(t("review.lowConfidence.what"));
  const given = { label: t("review.text"), value: text, onChange: setText };
  return (
    <Part name="TextArea">
      <State of="at rest">
        <TextArea {...given} />
      </State>
      <State of="wrong">
        <TextArea {...given} error={t("review.notSaved")} />
      </State>
      <State of="disabled">
        <TextArea {...given} disabled />
      </State>
    </Part>
  );
}

function Choices() {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState("advance");
  const given = { label: t("reviewer.compare.decision"), value: chosen, onChange: setChosen };
  const options = (["advance", "hold", "decline"] as const).map((one) => (
    <option key={one} value={one}>
      {t(`reviewer.decision.is.${one}`)}
    </option>
  ));
  return (
    <Part name="Select">
      <State of="at rest">
        <Select {...given}>{options}</Select>
      </State>
      <State of="wrong">
        <Select {...given} error={t("recruiter.faults.empty")}>
          {options}
        </Select>
      </State>
      <State of="disabled">
        <Select {...given} disabled>
          {options}
        </Select>
      </State>
    </Part>
  );
}

function Recruiting() {
  const [seconds, setSeconds] = useState(WEEK);
  const [people, setPeople] = useState(PEOPLE);
  const change = (person: Person) => setPeople(people.map((one) => (one.key === person.key ? person : one)));
  return (
    <>
      <Part name="ValidFor">
        <ValidFor value={seconds} onChange={setSeconds} />
      </Part>
      <Part name="WeightSum">
        {[99, 100, 101].map((sum) => (
          <State key={sum} of={String(sum)}>
            <WeightSum sum={sum} />
          </State>
        ))}
      </Part>
      <Part name="OneLink">
        <OneLink made={INVITATION} />
      </Part>
      <Part name="PeopleTable">
        <State of="two rows with faults, one of them by the gateway; below them those without">
          <div className="stack">
            <PeopleTable
              people={people}
              faults={new Map([[1, [{ field: "email", kind: "emailWrong" }]]])}
              mending={new Set([1, 2])}
              refused={new Map([[2, "candidates[2].email: has an invitation already"]])}
              onChange={change}
              onRemove={({ key }) => setPeople(people.filter((one) => one.key !== key))}
            />
          </div>
        </State>
      </Part>
    </>
  );
}
