import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../api/problems";
import { keep } from "./onDevice";
import { useSend } from "./useSend";

const away = new Problem(0, "UNREACHABLE", "nothing answers");

function around({ children }: { children: ReactNode }) {
  return <QueryClientProvider client={new QueryClient()}>{children}</QueryClientProvider>;
}

describe("what a candidate sends", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function sender(send: (what: string) => Promise<string>) {
    const taken = vi.fn();
    const refused = vi.fn();
    const hook = renderHook(() => useSend(send, taken, { refused }), { wrapper: around });
    return { ...hook, taken, refused };
  }

  it("goes out until it is taken, however long the server is away, and a second press sends nothing more", async () => {
    const send = vi.fn(async (what: string) => `taken: ${what}`);
    for (let tries = 0; tries < 50; tries += 1) send.mockRejectedValueOnce(away);
    const { result, taken } = sender(send);
    await act(async () => {
      result.current.send("yes");
      await vi.advanceTimersByTimeAsync(30_000);
    });
    expect(result.current).toMatchObject({ busy: true, waiting: true, problem: null });
    await act(async () => {
      result.current.send("yes");
      await vi.advanceTimersByTimeAsync(90_000);
    });
    expect(taken.mock.calls.map(([what]) => what)).toEqual(["taken: yes"]);
    expect(send).toHaveBeenCalledTimes(51);
    expect(result.current).toMatchObject({ busy: false, waiting: false, problem: null });
  });

  it("is refused at once where trying again would not help, with a word on whether it may have been taken", async () => {
    const no = new Problem(401, "UNAUTHENTICATED", "no session");
    const send = vi.fn(async (_: string) => "");
    send.mockRejectedValueOnce(no).mockRejectedValueOnce(away).mockRejectedValueOnce(no);
    const { result, refused } = sender(send);
    for (let press = 0; press < 2; press += 1) {
      await act(async () => {
        result.current.send("yes");
        await vi.advanceTimersByTimeAsync(5000);
      });
    }
    expect(result.current.problem).toBe(no);
    expect(refused.mock.calls).toEqual([
      [no, false],
      [no, true],
    ]);
  });

  it("is said after a reload while nobody has confirmed it, and not pressed again by itself", async () => {
    const called = (what: string) => `“${what}”`;
    const again = (send: (what: string) => Promise<string>) =>
      renderHook(
        () => useSend(send, vi.fn(), { refused: vi.fn(), pressed: { place: "pressed.t", called } }),
        {
          wrapper: around,
        },
      );
    const waits = again(() => Promise.reject(away));
    expect(waits.result.current.before).toBeNull();
    await act(async () => {
      waits.result.current.send("start");
      await vi.advanceTimersByTimeAsync(3000);
    });
    expect(waits.result.current).toMatchObject({ waiting: true, before: null });
    const send = vi.fn(async (what: string) => what);
    const reloaded = again(send);
    expect(reloaded.result.current).toMatchObject({ busy: false, before: "“start”" });
    expect(send).not.toHaveBeenCalled();
    await act(async () => {
      reloaded.result.current.send("start");
      await vi.advanceTimersByTimeAsync(0);
    });
    expect(reloaded.result.current.before).toBeNull();
    expect(again(send).result.current.before).toBeNull();
    keep("pressed.t", null);
  });

  it("is no longer sent once the candidate has left where it was sent from", async () => {
    const send = vi.fn(async (_: string): Promise<string> => {
      throw away;
    });
    const { result, unmount } = sender(send);
    await act(async () => {
      result.current.send("yes");
      await vi.advanceTimersByTimeAsync(3000);
    });
    const before = send.mock.calls.length;
    unmount();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(send.mock.calls.length).toBeLessThanOrEqual(before + 1);
  });
});
