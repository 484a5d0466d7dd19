/** People to invite, from a spreadsheet or from pasted lines: what was understood, and what is wrong with each row. */
import Papa from "papaparse";
import { BATCH_MOST, type NewInvitation } from "../api/invitations";

/** A row as it is typed. */
export interface Person {
  key: number;
  name: string;
  email: string;
  scheduledAt: string;
  extra: string;
}

export type PersonField = "name" | "email" | "scheduledAt" | "extra";

export interface PersonFault {
  field: PersonField;
  kind: "nameEmpty" | "nameLong" | "emailEmpty" | "emailWrong" | "twin" | "time" | "extra";
  /** Of a twin: the row, from 1, that has the same address. */
  row?: number;
}

export interface Parsed {
  people: Person[];
  /** Headings of columns that were left out. */
  ignored: string[];
}

const HEADINGS: Record<string, PersonField> = {
  name: "name",
  이름: "name",
  성명: "name",
  email: "email",
  "e-mail": "email",
  "e-mail address": "email",
  "email address": "email",
  이메일: "email",
  "이메일 주소": "email",
  scheduled_at: "scheduledAt",
  일정: "scheduledAt",
  extra_time_percent: "extra",
  "추가 시간": "extra",
};
const EMAIL =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
const TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$/;
const NAME_MOST = 200;
const EMAIL_MOST = 254;

/** Rows of a CSV or of pasted cells; of lines without a heading `name, address`, `Name <address>` or the address. */
export function parsePeople(text: string): Parsed {
  const clean = text.replace(/^\ufeff/, "");
  const { data } = Papa.parse<string[]>(clean, { skipEmptyLines: "greedy" });
  const rows = data.map((row) => row.map((cell) => cell.trim()));
  const first = rows[0];
  if (first === undefined) return { people: [], ignored: [] };
  const fields = first.map((cell) => HEADINGS[cell.toLowerCase()]);
  if (!fields.includes("email")) return { people: rows.map(withoutHeading), ignored: [] };
  const people = rows.slice(1).map((row, key) => {
    const person: Person = { key, name: "", email: "", scheduledAt: "", extra: "" };
    fields.forEach((field, index) => {
      if (field !== undefined) person[field] = row[index] ?? "";
    });
    return person;
  });
  return { people, ignored: first.filter((heading, index) => fields[index] === undefined && heading !== "") };
}

function withoutHeading(cells: string[], key: number): Person {
  // Lines that were pasted together may be divided each in its own way.
  const row = cells.length === 1 ? (cells[0] ?? "").split(/[\t;,]/).map((cell) => cell.trim()) : cells;
  const bracketed = /^"?([^"<]*)"?\s*<([^<>]+)>$/.exec(row.join(" ").trim());
  if (bracketed) {
    const [, name = "", email = ""] = bracketed;
    return { key, name: name.trim(), email: email.trim(), scheduledAt: "", extra: "" };
  }
  const at = row.findIndex((cell) => cell.includes("@"));
  const email = at === -1 ? (row[1] ?? "") : (row[at] ?? "");
  const name = row.find((cell, index) => index !== (at === -1 ? 1 : at) && cell !== "") ?? "";
  return { key, name, email, scheduledAt: "", extra: "" };
}

/** What is wrong, by the row's index. Addresses differ without regard to case. */
export function peopleFaults(people: readonly Person[]): Map<number, PersonFault[]> {
  const faults = new Map<number, PersonFault[]>();
  const seen = new Map<string, number>();
  people.forEach((person, index) => {
    const found = personFaults(person);
    const email = person.email.trim().toLowerCase();
    const twin = seen.get(email);
    if (email !== "" && twin !== undefined) found.push({ field: "email", kind: "twin", row: twin + 1 });
    else seen.set(email, index);
    if (found.length > 0) faults.set(index, found);
  });
  return faults;
}

function personFaults({ name, email, scheduledAt, extra }: Person): PersonFault[] {
  const faults: PersonFault[] = [];
  if (name.trim() === "") faults.push({ field: "name", kind: "nameEmpty" });
  else if (name.trim().length > NAME_MOST) faults.push({ field: "name", kind: "nameLong" });
  if (email.trim() === "") faults.push({ field: "email", kind: "emailEmpty" });
  else if (email.trim().length > EMAIL_MOST || !EMAIL.test(email.trim())) {
    faults.push({ field: "email", kind: "emailWrong" });
  }
  if (scheduledAt.trim() !== "" && timeOf(scheduledAt) === null) {
    faults.push({ field: "scheduledAt", kind: "time" });
  }
  if (extra.trim() !== "" && !(/^\d{1,3}$/.test(extra.trim()) && Number(extra) <= 200)) {
    faults.push({ field: "extra", kind: "extra" });
  }
  return faults;
}

/** The moment that is typed; without a zone it is one of the reader's. Null for what is none. */
export function timeOf(text: string): Date | null {
  const trimmed = text.trim();
  if (!TIME.test(trimmed)) return null;
  const time = new Date(trimmed.replace(" ", "T"));
  return Number.isNaN(time.getTime()) ? null : time;
}

/** How many are too many at once; 0 when they fit. */
export function tooMany(people: readonly Person[]): number {
  return Math.max(0, people.length - BATCH_MOST);
}

/** What is sent. The people have no faults. */
export function invitationsOf(people: readonly Person[]): NewInvitation[] {
  return people.map(({ name, email, scheduledAt, extra }) => ({
    candidate: { name: name.trim(), email: email.trim() },
    scheduled_at: timeOf(scheduledAt)?.toISOString() ?? null,
    extra_time_percent: extra.trim() === "" ? 0 : Number(extra),
  }));
}

/** Which row the gateway means by `invitations[2].candidate.email`; null when it names none. */
export function rowOf(field: string): number | null {
  const named = /^invitations\[(\d+)\]/.exec(field);
  return named === null ? null : Number(named[1]);
}

/** Names, addresses and links as a CSV; a spreadsheet takes none of the cells for a formula. */
export function linksCsv(
  rows: readonly { name: string; email: string; link: string; until: string }[],
): string {
  const fields = ["name", "email", "link", "expires_at"];
  const data = rows.map(({ name, email, link, until }) => [name, email, link, until]);
  return Papa.unparse({ fields, data }, { escapeFormulae: true, newline: "\r\n" });
}
