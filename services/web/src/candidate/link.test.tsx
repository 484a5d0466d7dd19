import { act, render, screen } from "@testing-library/react";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { getInterview, type Interview, openLink } from "../api/interview";
import { Problem, problemOf } from "../api/problems";
import { startLanguages } from "../i18n";
import { enter, enterEarly, entered, wordsFor } from "./link";
import { NoEntry } from "./NoEntry";
import { forgetAll } from "./onDevice";

vi.mock("../api/interview", async (original) => ({
  ...(await original()),
  getInterview: vi.fn(),
  openLink: vi.fn(),
}));
beforeAll(startLanguages);

async function why(): Promise<string> {
  return wordsFor(await enter().then(() => new Problem(200, "ENTERED", ""), problemOf));
}

describe("whoever comes in", () => {
  beforeEach(() => forgetAll());

  it("is asked for once before the page is there, and anew each time after that", async () => {
    const asked = vi.mocked(getInterview);
    asked.mockRejectedValueOnce(new Problem(0, "UNREACHABLE", "the server is away"));
    enterEarly();
    expect(problemOf(await entered().catch((error: unknown) => error)).reason).toBe("UNREACHABLE");
    asked.mockResolvedValueOnce({ interview_id: "i1" } as Interview);
    expect(await entered()).toMatchObject({ interview_id: "i1" });
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it("hears that a session ended, only where one was open, and not after an erasure", async () => {
    const asked = vi.mocked(getInterview);
    asked.mockRejectedValue(new Problem(401, "UNAUTHENTICATED", "no session"));
    expect(await why()).toBe("none");
    asked.mockResolvedValueOnce({ interview_id: "i1" } as Interview);
    await enter();
    expect(await why()).toBe("ended");
    forgetAll();
    expect(await why()).toBe("none");
  });

  it("makes one attempt of all tries until they are in, whatever got lost on the way, and another one afterwards", async () => {
    const opened = vi.mocked(openLink);
    const asked = vi.mocked(getInterview);
    const token = "t".repeat(43);
    const come = async () => {
      window.location.hash = token;
      return why();
    };
    opened.mockRejectedValueOnce(new Problem(0, "UNREACHABLE", "the server died"));
    expect(await come()).toBe("away");
    expect(window.location.hash).toBe(`#${token}`);
    opened.mockResolvedValue({ interview_id: "i1" } as Interview);
    asked.mockRejectedValueOnce(new Problem(401, "UNAUTHENTICATED", "no session"));
    expect(await come()).toBe("cookies");
    expect(window.location.hash).toBe(`#${token}`);
    asked.mockResolvedValue({ interview_id: "i1" } as Interview);
    await come();
    expect(window.location.hash).toBe("");
    await come();
    const attempts = opened.mock.calls.map(([, attempt]) => attempt);
    expect(new Set(attempts.slice(0, 3)).size).toBe(1);
    expect(attempts[3]).not.toBe(attempts[0]);
    expect(opened.mock.calls.every(([given]) => given === token)).toBe(true);
    expect(localStorage.getItem("viva.attempt")).toBeNull();
  });

  it("comes back by itself once the server does", async () => {
    vi.useFakeTimers();
    const again = vi.fn();
    const away = new Problem(0, "UNREACHABLE", "nothing answers");
    render(<NoEntry problem={away} trying={false} onAgain={again} />);
    expect(screen.getByRole("heading")).toHaveTextContent("Viva does not answer right now");
    await act(() => vi.advanceTimersByTimeAsync(3000));
    expect(again).toHaveBeenCalledOnce();
    vi.useRealTimers();
  });
});
