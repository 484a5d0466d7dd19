import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ANSWER_MOST } from "../api/interview";
import { Problem } from "../api/problems";
import { DraftKeeper } from "./draft";

const KEY = "viva.draft.t1";
const away = new Problem(0, "UNREACHABLE", "nothing answers");

function keeper(
  save: (text: string, revision: number, taken: number | null) => Promise<number>,
  server = { text: "", revision: 0 },
) {
  const refused = vi.fn();
  return { made: new DraftKeeper("t1", server, save, localStorage, refused), refused };
}

/** Two tabs of one browser: each hears of what the other one writes. */
function tabs(...both: [DraftKeeper, DraftKeeper]): [DraftKeeper, DraftKeeper] {
  for (const [one, two] of [both, [...both].reverse()] as [DraftKeeper, DraftKeeper][])
    one.subscribe(() => {
      const newValue = localStorage.getItem(KEY);
      two.heard(new StorageEvent("storage", { key: KEY, newValue }));
    });
  return both;
}

describe("a draft", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    localStorage.clear();
  });
  afterEach(() => vi.useRealTimers());

  it("is on this device at once and on the server within a second", async () => {
    const save = vi.fn(async (_: string, revision: number) => revision);
    const { made } = keeper(save);
    made.type("I");
    made.type("I measured");
    expect(JSON.parse(localStorage.getItem(KEY) ?? "")).toMatchObject({ text: "I measured", revision: 1 });
    expect(made.state.kept).toBe("saving");
    await vi.advanceTimersByTimeAsync(1000);
    expect(save.mock.calls).toEqual([["I measured", 1, null]]);
    expect(made.state.kept).toBe("saved");
  });

  it("is kept here while the line is gone, and sent when it is back", async () => {
    const save = vi.fn(async (_: string, revision: number) => revision);
    save.mockRejectedValueOnce(away);
    const { made } = keeper(save);
    made.type("kept");
    await vi.advanceTimersByTimeAsync(1000);
    expect(made.state.kept).toBe("offline");
    made.retry();
    await vi.advanceTimersByTimeAsync(0);
    expect(made.state.kept).toBe("saved");
    expect(save).toHaveBeenLastCalledWith("kept", 1, null);
  });

  it("that was not sent before a reload is shown and sent", async () => {
    localStorage.setItem(KEY, JSON.stringify({ text: "newer", revision: 3 }));
    const save = vi.fn(async (_: string, revision: number) => revision);
    const { made } = keeper(save, { text: "older", revision: 2 });
    expect(made.state.text).toBe("newer");
    await vi.advanceTimersByTimeAsync(1000);
    expect(save.mock.calls).toEqual([["newer", 3, null]]);
  });

  it("of the server wins over an older one of this device", () => {
    localStorage.setItem(KEY, JSON.stringify({ text: "older", revision: 2 }));
    const { made } = keeper(vi.fn(), { text: "newer", revision: 4 });
    expect(made.state.text).toBe("newer");
  });

  it("is sent again when another tab's revision was higher", async () => {
    const save = vi.fn(async (_: string, revision: number) => Math.max(revision, 7));
    const { made } = keeper(save);
    made.type("mine");
    await vi.advanceTimersByTimeAsync(3000);
    expect(save.mock.calls).toEqual([
      ["mine", 1, null],
      ["mine", 8, null],
    ]);
  });

  it("that is too long is kept here whole and not sent", async () => {
    const save = vi.fn();
    const { made } = keeper(save);
    made.type("x".repeat(ANSWER_MOST + 1));
    await vi.advanceTimersByTimeAsync(5000);
    expect(save).not.toHaveBeenCalled();
    expect(made.state.kept).toBe("long");
    expect(made.state.text).toHaveLength(ANSWER_MOST + 1);
  });

  it("that another tab types is shown here", () => {
    const { made } = keeper(vi.fn());
    const newValue = JSON.stringify({ text: "from the other tab", revision: 2 });
    localStorage.setItem(KEY, newValue);
    made.heard(new StorageEvent("storage", { key: KEY, newValue }));
    expect(made.state.text).toBe("from the other tab");
  });

  it("is what was typed last, whichever tab's words reach the server last", async () => {
    const server = { text: "", revision: 0 };
    let there = false;
    const save = async (text: string, revision: number) => {
      if (!there) throw away;
      if (revision > server.revision) Object.assign(server, { text, revision });
      return server.revision;
    };
    const [first, other] = tabs(keeper(save).made, keeper(save).made);
    other.type("from the other tab");
    expect(first.state.text).toBe("from the other tab");
    vi.advanceTimersByTime(10);
    first.type("typed last");
    expect(other.state.text).toBe("typed last");
    await vi.advanceTimersByTimeAsync(2000);
    there = true;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(server.text).toBe("typed last");
    expect([first.state, other.state]).toMatchObject([{ text: "typed last" }, { text: "typed last" }]);
  });

  it("is not changed by another tab's older words while its own are on their way", async () => {
    let arrived: (revision: number) => void = () => {};
    const { made } = keeper(() => new Promise((resolve) => (arrived = resolve)));
    made.type("typed last");
    await vi.advanceTimersByTimeAsync(1000);
    const older = JSON.stringify({ text: "from the other tab", revision: 1, typed: Date.now() - 5000 });
    localStorage.setItem(KEY, older);
    made.heard(new StorageEvent("storage", { key: KEY, newValue: older }));
    expect(made.state.text).toBe("typed last");
    arrived(1);
  });

  it("that is being sent is not changed from another tab, and is again where sending failed", () => {
    const [first, other] = tabs(keeper(vi.fn()).made, keeper(vi.fn()).made);
    first.type("as it stood");
    first.hold(true);
    vi.advanceTimersByTime(10);
    other.type("later elsewhere");
    expect(first.state.text).toBe("as it stood");
    first.hold(false);
    vi.advanceTimersByTime(10);
    other.type("later still");
    expect(first.state.text).toBe("later still");
  });

  it("knows in another tab how many of the heard words are in it, unless it was written elsewhere since", () => {
    keeper(vi.fn()).made.type("I measured it", 2);
    expect(keeper(vi.fn()).made.state).toMatchObject({ text: "I measured it", taken: 2 });
    const elsewhere = keeper(vi.fn(), { text: "on the phone", revision: 9 }).made;
    expect(elsewhere.state).toMatchObject({ text: "on the phone", taken: null });
  });

  it("of an answer that was sent elsewhere asks to look again", async () => {
    const { made, refused } = keeper(async () => {
      throw new Problem(409, "ANSWER_SUBMITTED", "sent already");
    });
    made.type("late");
    await vi.advanceTimersByTimeAsync(1000);
    expect(refused).toHaveBeenCalledOnce();
  });

  it("leaves nothing on this device once it is sent", () => {
    const { made } = keeper(vi.fn());
    made.type("sent");
    made.close(true);
    expect(localStorage.getItem(KEY)).toBeNull();
  });
});
