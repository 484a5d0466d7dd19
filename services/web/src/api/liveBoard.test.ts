import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveBoard } from "./liveBoard";

class FakeSocket extends EventTarget {
  static made: FakeSocket[] = [];
  constructor(readonly url: URL) {
    super();
    FakeSocket.made.push(this);
  }
  close(): void {
    this.dispatchEvent(new Event("close"));
  }
  says(type: string, data: object): void {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify({ type, id: null, data }) }));
  }
}

const newest = () => FakeSocket.made.at(-1) as FakeSocket;

describe("the live board", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("WebSocket", FakeSocket);
    FakeSocket.made = [];
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  function opened() {
    const told = { rows: vi.fn(), line: vi.fn(), lost: vi.fn() };
    const board = new LiveBoard("p1", "7", told);
    board.open();
    newest().says("hello", { after: "7", heartbeat_seconds: 15 });
    return { board, told };
  }

  it("begins where the list ended, and hands on rows as they come", () => {
    const { board, told } = opened();
    expect(newest().url.search).toBe("?position_id=p1&after=7");
    newest().says("candidates", { items: [{ interview_id: "i1" }], after: "9" });
    expect(told.rows).toHaveBeenCalledExactlyOnceWith([{ interview_id: "i1" }]);
    expect(told.line).toHaveBeenLastCalledWith("live");
    board.close();
  });

  it("comes back from what it was told last, and says only then that the line was lost", () => {
    const { board, told } = opened();
    newest().says("candidates", { items: [], after: "9" });
    newest().close();
    expect(told.lost).toHaveBeenCalledOnce();
    expect(told.line).not.toHaveBeenCalledWith("lost");
    vi.runOnlyPendingTimers();
    expect(FakeSocket.made).toHaveLength(2);
    expect(newest().url.search).toBe("?position_id=p1&after=9");
    newest().close();
    expect(told.line).toHaveBeenLastCalledWith("lost");
    board.close();
  });

  it("takes silence for a line that broke", () => {
    const { board } = opened();
    vi.advanceTimersByTime(40_000);
    expect(FakeSocket.made.length).toBeGreaterThan(1);
    board.close();
  });

  it("stays closed once it is closed", () => {
    const { board } = opened();
    board.close();
    vi.runOnlyPendingTimers();
    expect(FakeSocket.made).toHaveLength(1);
  });
});
