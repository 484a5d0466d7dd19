import { describe, expect, it } from "vitest";
import { actionKey } from "./actions";
import { errorKey, fieldOf, pretty, rangeOf } from "./deliveries";

describe("a delivery's log", () => {
  it("has words for every error, also for one that it does not know", () => {
    expect(["", "TIMEOUT", "SOMETHING_NEW"].map(errorKey)).toEqual([null, "TIMEOUT", "OTHER"]);
  });

  it("shows JSON with line breaks, and anything else as it came", () => {
    expect(pretty('{"a":1}')).toBe('{\n  "a": 1\n}');
    expect(pretty("{broken")).toBe("{broken");
  });
});

describe("a range of time", () => {
  it("needs two times, the earlier one first", () => {
    expect(rangeOf("", "2026-11-25T10:00")).toBe("missing");
    expect(rangeOf("2026-11-25T10:00", "2026-11-25T10:00")).toBe("order");
    expect(rangeOf("2026-11-25T11:00", "2026-11-25T10:00")).toBe("order");
    expect(rangeOf("2026-11-25T09:00", "2026-11-25T10:00")).toEqual({
      since: new Date(2026, 10, 25, 9),
      until: new Date(2026, 10, 25, 10),
    });
  });

  it("goes into the fields and out of them unchanged, in the reader's zone", () => {
    const moment = new Date(2026, 10, 25, 9, 30);
    expect(fieldOf(moment)).toBe("2026-11-25T09:30");
    expect(new Date(fieldOf(moment))).toEqual(moment);
  });
});

it("an action of the audit log has words, one of a newer server has none", () => {
  expect(actionKey("report.read_own")).toBe("report_read_own");
  expect(actionKey("teleport.start")).toBeNull();
});
