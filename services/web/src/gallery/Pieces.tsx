import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CopyButton } from "../recruiter/CopyButton";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { Notice, type Tone } from "../ui/Notice";
import { type Column, Table } from "../ui/Table";
import { Tabs } from "../ui/Tabs";
import { Part, State } from "./Part";
import { PEOPLE, type Person, personOf } from "./samples";

const KINDS = ["primary", "plain", "danger"] as const;
const TONES: Tone[] = ["plain", "ok", "warn", "bad"];

/** Buttons, notices, tables and what is around them. */
export function Pieces() {
  return (
    <>
      <Buttons />
      <Notices />
      <Empties />
      <TabsPart />
      <Tables />
    </>
  );
}

function Buttons() {
  const { t } = useTranslation();
  const [pressed, setPressed] = useState(true);
  return (
    <>
      <Part name="Button">
        {KINDS.map((kind) => (
          <State key={kind} of={`${kind}: at rest, busy, disabled`}>
            <div className="row">
              <Button kind={kind}>{t("recruiter.save")}</Button>
              <Button kind={kind} busy>
                {t("recruiter.save")}
              </Button>
              <Button kind={kind} disabled>
                {t("recruiter.save")}
              </Button>
            </div>
          </State>
        ))}
        <State of="pressed; a link that looks like one">
          <div className="row">
            <Button kind="plain" aria-pressed={pressed} onClick={() => setPressed(!pressed)}>
              {t("voice.write")}
            </Button>
            <a className="button button-plain" href="#Button">
              {t("recruiter.links.download")}
            </a>
          </div>
        </State>
      </Part>
      <Part name="CopyButton">
        <div className="row">
          <CopyButton text="viva">{t("recruiter.links.copy")}</CopyButton>
          <CopyButton text="viva" kind="primary">
            {t("recruiter.links.copyAll")}
          </CopyButton>
        </div>
      </Part>
    </>
  );
}

function Notices() {
  const { t } = useTranslation();
  return (
    <Part name="Notice">
      {TONES.map((tone) => (
        <State key={tone} of={`${tone}: with a title, without`}>
          <Notice tone={tone} title={t("review.lowConfidence.title")}>
            <p>{t("review.lowConfidence.what")}</p>
          </Notice>
          <Notice tone={tone}>
            <p>{t("voice.faults.too_quiet")}</p>
          </Notice>
        </State>
      ))}
    </Part>
  );
}

function Empties() {
  const { t } = useTranslation();
  return (
    <>
      <Part name="Empty">
        <State of="with the way on">
          <Empty title={t("reviewer.compare.noMatch.title")}>
            <p>{t("reviewer.compare.noMatch.what")}</p>
            <div>
              <Button kind="plain">{t("reviewer.compare.noMatch.clear")}</Button>
            </div>
          </Empty>
        </State>
        <State of="bare">
          <Empty title={t("reviewer.compare.none.title")} />
        </State>
      </Part>
      <Part name="Page">
        <p lang="en">This page is one; its heading has the focus when it opens.</p>
      </Part>
    </>
  );
}

function TabsPart() {
  const { t } = useTranslation();
  return (
    <Part name="Tabs">
      <Tabs label={t("recruiter.nav.label")}>
        <a href="#Tabs" aria-current="page">
          {t("recruiter.nav.positions")}
        </a>
        <a href="#Tabs">{t("recruiter.nav.rubrics")}</a>
        <a href="#Tabs">{t("reviewer.nav.administration")}</a>
      </Tabs>
    </Part>
  );
}

function Tables() {
  const { t } = useTranslation();
  const [up, setUp] = useState(true);
  const columns: Column<Person>[] = [
    {
      key: "name",
      title: t("recruiter.invite.fields.name"),
      head: true,
      cell: ({ name }) => name,
      sort: { active: up ? "ascending" : "descending", onSort: () => setUp(!up) },
    },
    {
      key: "email",
      title: t("recruiter.invite.fields.email"),
      cell: ({ email }) => email,
      sort: { active: null, onSort: () => {} },
    },
    { key: "extra", title: t("recruiter.invite.fields.extra"), cell: ({ extra }) => extra, numeric: true },
  ];
  const many = Array.from({ length: 1000 }, (_, index) => personOf(index));
  const caption = t("recruiter.invite.rows");
  return (
    <Part name="Table">
      <State of="a few rows, sorted by the first column">
        <Table
          caption={caption}
          columns={columns}
          rows={up ? PEOPLE : PEOPLE.toReversed()}
          rowKey={({ key }) => String(key)}
        />
      </State>
      <State of="without a row">
        <Table caption={caption} columns={columns} rows={[]} rowKey={({ key }) => String(key)} />
      </State>
      <details>
        <summary lang="en">a thousand rows, of which those near the window are drawn</summary>
        <Table caption={caption} columns={columns} rows={many} rowKey={({ key }) => String(key)} />
      </details>
    </Part>
  );
}
