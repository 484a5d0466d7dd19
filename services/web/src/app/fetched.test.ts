import { renderHook } from "@testing-library/react";
import { act } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fetchAhead, fetched, useWaiting } from "./fetched";

const away = () => Promise.reject(new TypeError("Failed to fetch dynamically imported module"));

describe("a part of the page", () => {
  let server: ReturnType<typeof vi.fn>;
  beforeEach(() => {
    vi.useFakeTimers();
    sessionStorage.clear();
    document.head.innerHTML = "";
    server = vi.fn(async () => new Response("{}"));
    vi.stubGlobal("fetch", server);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("is waited for while the server is away, and the page can say so", async () => {
    server.mockRejectedValue(new TypeError("nothing answers"));
    const load = vi.fn(async () => "the page");
    load.mockImplementationOnce(away).mockImplementationOnce(away).mockImplementationOnce(away);
    const waiting = renderHook(useWaiting).result;
    let got = "";
    await act(async () => {
      void fetched(load).then((one) => {
        got = one;
      });
      await vi.advanceTimersByTimeAsync(1000);
    });
    expect({ got, waiting: waiting.current }).toEqual({ got: "", waiting: true });
    await act(() => vi.advanceTimersByTimeAsync(5000));
    expect({ got, waiting: waiting.current }).toEqual({ got: "the page", waiting: false });
    expect(load).toHaveBeenCalledTimes(4);
  });

  it("that a gateway without its pages refuses is waited for too", async () => {
    server.mockResolvedValueOnce(new Response("", { status: 502 })).mockResolvedValueOnce(new Response("{}"));
    const load = vi.fn(async () => "the page");
    load.mockImplementationOnce(away).mockImplementationOnce(away);
    const got = fetched(load);
    await vi.advanceTimersByTimeAsync(3000);
    expect(await got).toBe("the page");
  });

  it("that does not come although the server answers loads the page anew, once a minute", async () => {
    const reload = vi.fn();
    vi.stubGlobal("location", { ...window.location, reload });
    void fetched(away);
    await vi.advanceTimersByTimeAsync(100);
    expect(reload).toHaveBeenCalledOnce();
    await expect(fetched(away)).rejects.toThrow("dynamically imported");
    expect(reload).toHaveBeenCalledOnce();
  });

  it("gets its style sheet anew when that could not be fetched", async () => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = "/assets/voice.css";
    document.head.append(link);
    const load = vi.fn(async () => "the page").mockImplementationOnce(away);
    await fetched(load);
    const now = document.querySelector("link");
    expect(now).not.toBe(link);
    expect(now?.getAttribute("href")).toBe("/assets/voice.css");
  });

  it("is fetched ahead, and again after the server was away; leaving the page ends it", async () => {
    server.mockRejectedValueOnce(new TypeError("nothing answers"));
    const one = vi.fn(async () => "one").mockImplementationOnce(away);
    const two = vi.fn(async () => "two");
    fetchAhead([one, two]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect([one.mock.calls.length, two.mock.calls.length]).toEqual([2, 1]);
    const three = vi.fn(async () => "three");
    fetchAhead([three])();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(three).not.toHaveBeenCalled();
  });
});
