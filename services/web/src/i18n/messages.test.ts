import { describe, expect, it } from "vitest";
import { written } from "./messages";

const left = "{minutes, plural, =0 {Less than a minute} one {About a minute} other {About # minutes}}";

describe("a message", () => {
  it.each([
    ["Your answer", {}, "Your answer"],
    ["It's yours", {}, "It's yours"],
    ["''{name}''", { name: "Minji" }, "'Minji'"],
    ["{who} of {of, number}", { who: "One", of: 12_345 }, "One of 12,345"],
    [left, { minutes: 0 }, "Less than a minute"],
    [left, { minutes: 1 }, "About a minute"],
    [left, { minutes: 20 }, "About 20 minutes"],
    [left, { minutes: 1234 }, "About 1,234 minutes"],
    ["{share, number, percent}", { share: 0.5 }, "50%"],
  ])("%s with %o reads %s", (text, values, reads) => {
    expect(written(text, values, "en")).toBe(reads);
  });

  it("counts as its language does", () => {
    const topics = "{count, plural, one {one topic} other {# topics}}";
    expect(written(topics, { count: 1 }, "en")).toBe("one topic");
    expect(written("주제 {count, plural, other {#}}개", { count: 1 }, "ko")).toBe("주제 1개");
  });
});
