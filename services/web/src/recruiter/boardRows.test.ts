import { describe, expect, it } from "vitest";
import type { CandidatePage, CandidateRow } from "../api/candidates";
import {
  counts,
  mayInviteAnew,
  mayReissue,
  mayRevoke,
  openAddresses,
  picked,
  takenIn,
  type Wanted,
} from "./boardRows";

const row = (id: string, state: CandidateRow["state"], changed = 1): CandidateRow =>
  ({
    interview_id: id,
    state,
    candidate: { name: id, email: `${id.toLowerCase()}@example.com` },
    created_at: "2026-11-01T00:00:00Z",
    changed_at: `2026-11-0${changed}T00:00:00Z`,
  }) as CandidateRow;

const page = (...items: CandidateRow[]): CandidatePage => ({
  items,
  total: items.length,
  next_cursor: null,
  changes_after: "7",
});

const any: Wanted = { search: "", state: "", sort: "name", descending: false };
const names = (rows: readonly CandidateRow[]) => rows.map(({ interview_id }) => interview_id);

describe("the board", () => {
  it("replaces rows that changed and puts new ones first", () => {
    const told = takenIn(page(row("Kim", "invited"), row("Lee", "ready")), [
      row("Lee", "in_progress"),
      row("Park", "invited"),
    ]);
    expect(told.items.map(({ interview_id, state }) => [interview_id, state])).toEqual([
      ["Park", "invited"],
      ["Kim", "invited"],
      ["Lee", "in_progress"],
    ]);
    expect(told.total).toBe(3);
  });

  it("may be told the same twice", () => {
    const before = page(row("Kim", "invited"));
    expect(takenIn(before, [row("Kim", "invited")])).toEqual(before);
  });

  it("counts who is where, in the order of an interview", () => {
    expect(counts([row("a", "reported"), row("b", "invited"), row("c", "invited")])).toEqual([
      ["invited", 2],
      ["reported", 1],
    ]);
  });

  it("finds by name, address and state", () => {
    const rows = [row("Kim", "invited"), row("Lee", "ready"), row("Park", "ready")];
    expect(names(picked(rows, { ...any, search: " LEE@" }, "en"))).toEqual(["Lee"]);
    expect(names(picked(rows, { ...any, state: "ready" }, "en"))).toEqual(["Lee", "Park"]);
    expect(names(picked(rows, { ...any, state: "ready", search: "kim" }, "en"))).toEqual([]);
  });

  it("sorts by name as the language does, by the way of an interview, and by time", () => {
    const rows = [row("나", "ready", 2), row("가", "reported", 3), row("b", "invited", 1)];
    expect(names(picked(rows, any, "ko"))).toEqual(["가", "나", "b"]);
    expect(names(picked(rows, { ...any, sort: "state", descending: true }, "ko"))).toEqual(["가", "나", "b"]);
    expect(names(picked(rows, { ...any, sort: "changed" }, "ko"))).toEqual(["b", "나", "가"]);
  });

  it("offers a new link until the interview is over, and to withdraw until it begins", () => {
    const offers = (state: CandidateRow["state"]) => [
      mayReissue(row("a", state)),
      mayRevoke(row("a", state)),
      mayInviteAnew(row("a", state), new Set()),
    ];
    expect(offers("invited")).toEqual([true, true, false]);
    expect(offers("in_progress")).toEqual([true, false, false]);
    expect(offers("expired")).toEqual([false, false, true]);
    expect(offers("abandoned")).toEqual([false, false, true]);
    expect(offers("reported")).toEqual([false, false, false]);
    expect(mayInviteAnew({ ...row("a", "expired"), candidate: null }, new Set())).toBe(false);
  });

  it("invites nobody anew who has another interview that takes a link", () => {
    const before = row("Kim", "expired");
    const anew = { ...row("Kim", "invited"), interview_id: "anew" };
    expect(mayInviteAnew(before, openAddresses([before, row("Lee", "invited")]))).toBe(true);
    expect(mayInviteAnew(before, openAddresses([anew, before]))).toBe(false);
    expect(mayInviteAnew(before, openAddresses([{ ...anew, state: "reported" }, before]))).toBe(true);
  });

  it("keeps its place for a candidate who was erased", () => {
    const erased = { ...row("a", "erased"), candidate: null };
    expect(picked([erased], { ...any, search: "kim" }, "en")).toEqual([]);
    expect(picked([erased], any, "en")).toEqual([erased]);
  });
});
