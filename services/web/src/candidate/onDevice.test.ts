import { beforeEach, describe, expect, it, vi } from "vitest";
import { forgetAll, keep, kept } from "./onDevice";

describe("what is kept on this device", () => {
  beforeEach(() => forgetAll());

  it("is there until it is forgotten, for this tab and others", () => {
    keep("ask", "More time");
    expect(kept("ask")).toBe("More time");
    localStorage.removeItem("viva.draft.ask");
    expect(kept("ask")).toBeNull();
  });

  it("lasts as long as the page where the browser keeps nothing, and what was kept before does not come back", () => {
    keep("ask", "More time");
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    keep("ask", "An interpreter");
    expect(kept("ask")).toBe("An interpreter");
    keep("ask", null);
    expect(kept("ask")).toBeNull();
  });

  it("is no answer when it cannot be read", () => {
    localStorage.setItem("viva.draft.ask", "{");
    expect(kept("ask")).toBeNull();
  });

  it("goes with everything else of the candidate, and nothing of others", () => {
    localStorage.setItem("viva.language", "ko");
    localStorage.setItem("viva.draft.t1", "{}");
    keep("ask", "More time");
    forgetAll();
    expect(Object.keys(localStorage)).toEqual(["viva.language"]);
    localStorage.clear();
  });
});
