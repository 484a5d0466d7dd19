import { describe, expect, it } from "vitest";
import type { Answer, Quote } from "../../api/interviews";
import { findQuote, pieces, shownVersions, timeCode, unsureWords } from "./passages";

function answer(texts: string[], words: Answer["words"] = []): Answer {
  const revisions = texts.map((text, index) => ({ revision: index + 1, text, created_at: null }));
  return {
    state: "evaluated",
    text: texts.at(-1) ?? "",
    revisions,
    modality: "text",
    closed_by: "candidate",
    draft: "",
    draft_revision: 0,
    submitted_at: null,
    confidence: null,
    remark: "",
    words,
    gaps: [],
    line: null,
    line_faults: [],
    passages: [],
  };
}

function quote(text: string, span: [number, number] | null = null): Quote {
  return {
    text,
    span: span && { start: span[0], end: span[1] },
    start_time_seconds: null,
    end_time_seconds: null,
  };
}

function cited(one: Answer, found: ReturnType<typeof findQuote>): string | undefined {
  if (found === null) return undefined;
  const text = one.revisions.find(({ revision }) => revision === found.revision)?.text;
  return text?.slice(found.start, found.end);
}

describe("a quote", () => {
  it("is found by its span, counted in code points", () => {
    const one = answer(["🎉🎉 I measured it, I measured it."]);
    const found = findQuote(quote("I measured it", [18, 31]), one, 1);
    expect(found).toEqual({ revision: 1, start: 20, end: 33 });
    expect(cited(one, found)).toBe("I measured it");
  });

  it("is looked for by its words when the span holds others", () => {
    const one = answer(["First this, then I measured it."]);
    expect(cited(one, findQuote(quote("I measured it", [0, 13]), one, 1))).toBe("I measured it");
  });

  it("is found whatever its case, spaces and quotation marks", () => {
    const one = answer(["He said “Don’t   guess”,\nand measured."]);
    expect(cited(one, findQuote(quote(`"don't guess", and`), one, 1))).toBe("“Don’t   guess”,\nand");
  });

  it("is found in Korean, composed or not", () => {
    const one = answer(["느린 쿼리를 측정해서 찾아냈습니다."]);
    expect(cited(one, findQuote(quote("쿼리를 측정해서"), one, 1))).toBe("쿼리를 측정해서");
  });

  it("is marked in the revision that was scored, else where its words are", () => {
    const one = answer(["I measured it.", "I measured it with a profiler."]);
    expect(findQuote(quote("I measured it"), one, 1)?.revision).toBe(1);
    expect(findQuote(quote("with a profiler"), one, 1)?.revision).toBe(2);
    expect(findQuote(quote("I measured it"), one, 2)?.revision).toBe(2);
  });

  it("is nowhere when the answer does not hold it", () => {
    expect(findQuote(quote("never said"), answer(["I measured it."]), 1)).toBeNull();
    expect(findQuote(quote(""), answer(["I measured it."]), 1)).toBeNull();
  });

  it("at the very end is found whole", () => {
    const one = answer(["It was I measured it"]);
    expect(cited(one, findQuote(quote("measured it"), one, 1))).toBe("measured it");
  });
});

describe("an answer", () => {
  it("is shown with its correction only where that says something else", () => {
    expect(shownVersions(answer(["a", "b"])).corrected?.text).toBe("b");
    expect(shownVersions(answer(["a", "a"])).corrected).toBeNull();
    expect(shownVersions(answer(["a"])).corrected).toBeNull();
  });

  it("loses no letter when it is cut into pieces", () => {
    const text = "one two three";
    const cut = pieces(text, { start: 2, end: 9 }, [{ start: 4, end: 7 }]);
    expect(cut.map((piece) => piece.text).join("")).toBe(text);
    expect(cut.filter((piece) => piece.marked).map((piece) => piece.text)).toEqual(["e ", "two", " t"]);
    expect(cut.filter((piece) => piece.unsure).map((piece) => piece.text)).toEqual(["two"]);
  });

  it("marks words that may have been misheard, each at its own place", () => {
    const word = (text: string, confidence: number) => ({
      text,
      confidence,
      start_seconds: 0,
      end_seconds: 1,
    });
    const one = answer(["the the end"], [word("the", 0.9), word("the", 0.3), word("end", 0.9)]);
    expect(unsureWords(one, "the the end")).toEqual([{ start: 4, end: 7 }]);
  });
});

it("a time code counts minutes and seconds", () => {
  expect([0, 9.9, 75.4, 3600].map(timeCode)).toEqual(["0:00", "0:09", "1:15", "60:00"]);
});
