import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import { TextInput } from "../ui/Inputs";
import { type Column, Table } from "../ui/Table";
import { type Person, type PersonFault, type PersonField, timeOf } from "./people";
import { moment } from "./times";

interface Props {
  people: readonly Person[];
  faults: Map<number, PersonFault[]>;
  /** The keys of rows that are open for changes. */
  mending: ReadonlySet<number>;
  /** What the gateway said, by key. */
  refused: ReadonlyMap<number, string>;
  onChange: (person: Person) => void;
  onRemove: (person: Person) => void;
}

/** Rows that are mended, field by field; below them all others. */
export function PeopleTable({ people, faults, mending, refused, onChange, onRemove }: Props) {
  const { t } = useTranslation();
  const numbered = people.map((person, index) => ({ person, index }));
  const open = numbered.filter(({ person }) => mending.has(person.key));
  const others = numbered.filter(({ person }) => !mending.has(person.key));
  return (
    <>
      {open.length > 0 && (
        <section className="stack" aria-labelledby="mending">
          <h2 id="mending">{t("recruiter.invite.mending")}</h2>
          {open.map(({ person, index }) => (
            <Mending
              key={person.key}
              person={person}
              number={index + 1}
              faults={faults.get(index) ?? []}
              refused={refused.get(person.key)}
              onChange={onChange}
              onRemove={onRemove}
            />
          ))}
        </section>
      )}
      {others.length > 0 && <Right rows={others} onRemove={onRemove} />}
    </>
  );
}

function Mending({
  person,
  number,
  faults,
  refused,
  onChange,
  onRemove,
}: {
  person: Person;
  number: number;
  faults: readonly PersonFault[];
  refused: string | undefined;
  onChange: (person: Person) => void;
  onRemove: (person: Person) => void;
}) {
  const { t } = useTranslation();
  const word = (field: PersonField) => {
    const fault = faults.find((one) => one.field === field);
    return fault && t(`recruiter.invite.faults.${fault.kind}`, { row: fault.row ?? 0 });
  };
  const input = (field: PersonField) => (
    <TextInput
      label={t(`recruiter.invite.fields.${field}`)}
      value={person[field]}
      onChange={(value) => onChange({ ...person, [field]: value })}
      error={word(field)}
    />
  );
  return (
    <fieldset className="card stack-tight item">
      <legend className="hidden">{t("recruiter.invite.row", { row: number })}</legend>
      <div className="row apart">
        <strong>{t("recruiter.invite.row", { row: number })}</strong>
        <Button
          kind="plain"
          onClick={() => onRemove(person)}
          aria-label={t("recruiter.invite.removeRow", { row: number })}
        >
          {t("recruiter.remove")}
        </Button>
      </div>
      {refused !== undefined && (
        <p className="wrong" lang="en">
          {refused}
        </p>
      )}
      <div className="columns">
        {input("name")}
        {input("email")}
        {(person.scheduledAt !== "" || word("scheduledAt")) && input("scheduledAt")}
        {(person.extra !== "" || word("extra")) && input("extra")}
      </div>
    </fieldset>
  );
}

interface Numbered {
  person: Person;
  index: number;
}

function Right({ rows, onRemove }: { rows: Numbered[]; onRemove: (person: Person) => void }) {
  const { t } = useTranslation();
  const columns: Column<Numbered>[] = [
    {
      key: "name",
      title: t("recruiter.invite.fields.name"),
      head: true,
      cell: ({ person }) => person.name,
    },
    { key: "email", title: t("recruiter.invite.fields.email"), cell: ({ person }) => person.email },
  ];
  if (rows.some(({ person }) => person.scheduledAt !== "")) {
    columns.push({
      key: "time",
      title: t("recruiter.invite.fields.scheduledAt"),
      cell: ({ person }) => moment(timeOf(person.scheduledAt)?.toISOString() ?? null),
    });
  }
  if (rows.some(({ person }) => person.extra !== "")) {
    columns.push({
      key: "extra",
      title: t("recruiter.invite.fields.extra"),
      cell: ({ person }) => person.extra,
      numeric: true,
    });
  }
  columns.push({
    key: "remove",
    title: t("recruiter.actions"),
    cell: ({ person, index }) => (
      <Button
        kind="plain"
        onClick={() => onRemove(person)}
        aria-label={t("recruiter.invite.removeRow", { row: index + 1 })}
      >
        {t("recruiter.remove")}
      </Button>
    ),
  });
  return (
    <section className="stack" aria-labelledby="right">
      <h2 id="right">{t("recruiter.invite.rows")}</h2>
      <Table
        caption={t("recruiter.invite.rows")}
        columns={columns}
        rows={rows}
        rowKey={({ person }) => String(person.key)}
      />
    </section>
  );
}
