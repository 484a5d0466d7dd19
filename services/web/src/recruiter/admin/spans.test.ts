import { expect, it } from "vitest";
import { spanOf } from "./spans";

it("tells a time in the largest unit that leaves no rest", () => {
  expect(spanOf(30)).toEqual({ unit: "seconds", count: 30 });
  expect(spanOf(90)).toEqual({ unit: "seconds", count: 90 });
  expect(spanOf(120)).toEqual({ unit: "minutes", count: 2 });
  expect(spanOf(86_400)).toEqual({ unit: "hours", count: 24 });
  expect(spanOf(2_592_000)).toEqual({ unit: "days", count: 30 });
  expect(spanOf(90_000)).toEqual({ unit: "hours", count: 25 });
});
