import { describe, expect, it } from "vitest";
import { invitationsOf, linksCsv, parsePeople, peopleFaults, rowOf, timeOf, tooMany } from "./people";

const kinds = (text: string) =>
  [...peopleFaults(parsePeople(text).people)].flatMap(([row, faults]) =>
    faults.map(({ field, kind }) => [row, field, kind]),
  );

describe("people to invite", () => {
  it("come from a CSV with a heading, in any order of columns, as spreadsheets save it", () => {
    const { people, ignored } = parsePeople(
      '\ufeffemail;name;phone;extra_time_percent\r\nminji@example.com;"Kim; Minji";010;25\r\n\r\n',
    );
    expect(people).toEqual([
      { key: 0, name: "Kim; Minji", email: "minji@example.com", scheduledAt: "", extra: "25" },
    ]);
    expect(ignored).toEqual(["phone"]);
  });

  it("come under Korean headings too", () => {
    const [person] = parsePeople("이름,이메일\n김민지,minji@example.com\n").people;
    expect(person).toMatchObject({ name: "김민지", email: "minji@example.com" });
  });

  it("come as pasted lines without a heading", () => {
    const { people } = parsePeople(
      "Kim Minji <minji@example.com>\nLee\tlee@example.com\npark@example.com, Park\n",
    );
    expect(people.map(({ name, email }) => [name, email])).toEqual([
      ["Kim Minji", "minji@example.com"],
      ["Lee", "lee@example.com"],
      ["Park", "park@example.com"],
    ]);
  });

  it("are nobody when nothing is pasted", () => {
    expect(parsePeople(" \n\n")).toEqual({ people: [], ignored: [] });
  });

  it("have each fault named at its row and field", () => {
    const text = [
      "name,email,scheduled_at,extra_time_percent",
      "Kim,kim@example.com,2026-12-01T09:00:00+09:00,50",
      ",not an address,tomorrow,300",
      "Lee,,2026-12-01 09:00,",
    ].join("\n");
    expect(kinds(text)).toEqual([
      [1, "name", "nameEmpty"],
      [1, "email", "emailWrong"],
      [1, "scheduledAt", "time"],
      [1, "extra", "extra"],
      [2, "email", "emailEmpty"],
    ]);
  });

  it("are not invited twice: the later row names the earlier one", () => {
    const { people } = parsePeople("Kim <kim@example.com>\nLee <lee@example.com>\nKim <KIM@example.com>");
    expect([...peopleFaults(people)]).toEqual([[2, [{ field: "email", kind: "twin", row: 1 }]]]);
  });

  it("may be 500 at once", () => {
    const lines = Array.from({ length: 503 }, (_, index) => `P${index},p${index}@example.com`).join("\n");
    expect(tooMany(parsePeople(lines).people)).toBe(3);
  });

  it("are sent with moments in UTC and whole percents", () => {
    const { people } = parsePeople(
      "name,email,scheduled_at,extra_time_percent\nKim,kim@example.com,2026-12-01T09:00:00+09:00,25",
    );
    expect(invitationsOf(people)).toEqual([
      {
        candidate: { name: "Kim", email: "kim@example.com" },
        scheduled_at: "2026-12-01T00:00:00.000Z",
        extra_time_percent: 25,
      },
    ]);
  });

  it("have a time without a zone read in the reader's zone", () => {
    expect(timeOf("2026-12-01 09:00")).toEqual(new Date(2026, 11, 1, 9, 0));
    expect(timeOf("2026-13-01 09:00")).toBeNull();
  });

  it("are found again from the gateway's name of a field", () => {
    expect(rowOf("invitations[2].candidate.email")).toBe(2);
    expect(rowOf("valid_for_seconds")).toBeNull();
  });

  it("become a CSV in which no cell is a formula", () => {
    const csv = linksCsv([
      {
        name: "=1+1",
        email: "kim@example.com",
        link: "https://viva.example/interview#t",
        until: "2026-12-01",
      },
    ]);
    expect(csv).toBe(
      `name,email,link,expires_at\r\n"'=1+1",kim@example.com,https://viva.example/interview#t,2026-12-01`,
    );
  });
});
