import { describe, expect, it } from "vitest";
import type { CandidateRow } from "../../api/candidates";
import { exportAddress } from "../../api/compare";
import { cellOf, competenciesOf, drawn, placeOf, sortedBy, viewOf, wantedOf } from "./comparison";

type Cell = CandidateRow["competencies"][number];

function cell(id: string, weight: number, score: number | null = null): Cell {
  return {
    competency_id: id,
    title: id,
    weight,
    total: { score, scored_weight: score === null ? 0 : 80 },
    lowest: score === null ? null : 2,
    highest: score === null ? null : 5,
    deviation: score === null ? null : 1.2,
    scores: score === null ? 0 : 3,
    answers: 1,
  };
}

function row(competencies: Cell[]): CandidateRow {
  return { competencies, total: { score: 3.5, scored_weight: 60 } } as CandidateRow;
}

describe("a comparison", () => {
  it("has a column for every competency of any candidate, the heaviest first", () => {
    const rows = [row([cell("a", 30)]), row([cell("a", 30), cell("b", 70)]), row([])];
    expect(competenciesOf(rows).map(({ id }) => id)).toEqual(["b", "a"]);
    expect(cellOf(rows[0] as CandidateRow, "b")).toBeUndefined();
  });

  it("draws a competency with its spread, the total without, and no score as none", () => {
    const one = row([cell("a", 50, 3.2), cell("b", 50)]);
    expect(drawn(one, "a")).toEqual({ score: 3.2, lowest: 2, highest: 5, scored: 80 });
    expect(drawn(one, "b").score).toBeNull();
    expect(drawn(one, "never_asked").score).toBeNull();
    expect(drawn(one, null)).toEqual({ score: 3.5, lowest: null, highest: null, scored: 60 });
  });

  it("places 1 at the left and 5 at the right, within the margins", () => {
    expect([1, 3, 5].map(placeOf)).toEqual([5, 50, 95]);
  });
});

describe("the address", () => {
  it("keeps what it knows and drops what it does not", () => {
    const view = { q: "kim", decision: "hold", covered: 80, by: "debugging", up: true };
    expect(viewOf(view)).toEqual(view);
    expect(viewOf({ q: 7, decision: "hire", covered: 12, by: "<b>", up: "yes", other: 1 })).toEqual({});
  });

  it("asks for the best first unless it says otherwise", () => {
    expect(wantedOf({})).toEqual({
      search: "",
      decision: null,
      covered: 0,
      order: "score",
      descending: true,
    });
  });

  it("turns the order round when a column is pressed again", () => {
    const once = sortedBy({ q: "kim" }, "debugging");
    expect(once).toEqual({ q: "kim", by: "debugging" });
    expect(sortedBy(once, "debugging")).toEqual({ q: "kim", by: "debugging", up: true });
    expect(sortedBy({}, "score")).toEqual({ by: "score", up: true });
    expect(sortedBy({}, "name")).toEqual({ by: "name", up: true });
  });

  it("of a file asks for what the table shows", () => {
    const wanted = wantedOf({ q: "kim lee", decision: "hold", covered: 80, by: "debugging" });
    const url = new URL(exportAddress("p1", wanted, "csv", "ko"), "http://x");
    expect(url.pathname).toBe("/api/v1/exports/candidates");
    expect([...url.searchParams]).toEqual([
      ["format", "csv"],
      ["language", "ko"],
      ["position_id", "p1"],
      ["state", "reported"],
      ["state", "decided"],
      ["search", "kim lee"],
      ["decision", "hold"],
      ["min_weight_scored", "80"],
      ["order", "competency"],
      ["competency_id", "debugging"],
      ["descending", "true"],
    ]);
    expect(exportAddress("p1", wantedOf({}), "pdf", "en")).not.toContain("competency_id");
  });
});
