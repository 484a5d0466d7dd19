import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Interview } from "../../api/interviews";
import * as api from "../../api/interviews";
import { Problem } from "../../api/problems";
import { learnStaffWords, speak, startLanguages } from "../../i18n";
import { AnswerSound, Recorded } from "./AnswerSound";
import { useSound } from "./sound";

vi.mock("../../api/interviews", async (original) => ({
  ...(await original<typeof api>()),
  getRecording: vi.fn(),
}));

const agreed = (granted: boolean) =>
  ({ interview_id: "one", consents: [{ purpose: "record", granted }] }) as unknown as Interview;

function Quote({ turnId, from, to }: { turnId: string; from: number; to: number }) {
  const sound = useSound();
  return (
    <button type="button" onClick={() => sound?.hear({ turnId, from, to })}>
      Quote of {turnId}
    </button>
  );
}

function show(granted = true) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={queries}>
      <Recorded interview={agreed(granted)}>
        <AnswerSound interviewId="one" turnId="first" number={1} />
        <AnswerSound interviewId="one" turnId="second" number={2} />
        <Quote turnId="first" from={12.5} to={14} />
        <Quote turnId="second" from={3} to={4} />
      </Recorded>
    </QueryClientProvider>,
  );
}

const player = (number: number) =>
  screen.findByLabelText<HTMLAudioElement>(`Recording of the answer to question ${number}`);

beforeAll(async () => {
  await startLanguages();
  await speak("en", false);
  await learnStaffWords();
  // jsdom plays nothing: what is called is what matters.
  HTMLMediaElement.prototype.play = vi.fn(() => Promise.resolve());
  HTMLMediaElement.prototype.pause = vi.fn();
  URL.createObjectURL = vi.fn(() => "blob:sound");
  URL.revokeObjectURL = vi.fn();
});

beforeEach(() => {
  vi.clearAllMocks();
  vi.mocked(api.getRecording).mockResolvedValue(new Blob(["sound"]));
});

describe("the sound of an answer", () => {
  it("is fetched when somebody wants to hear it, and then once", async () => {
    show();
    expect(api.getRecording).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole("button", { name: /Listen to the answer: Question 1/ }));
    const audio = await player(1);
    expect(audio.currentTime).toBe(0);
    await userEvent.click(screen.getByRole("button", { name: "Quote of first" }));
    expect(audio.currentTime).toBeCloseTo(12.1);
    expect(audio.play).toHaveBeenCalledTimes(2);
    expect(api.getRecording).toHaveBeenCalledExactlyOnceWith("one", "first");
  });

  it("ends where the quote ends, and goes on when it is played again", async () => {
    show();
    await userEvent.click(screen.getByRole("button", { name: "Quote of first" }));
    const audio = await player(1);
    const passes = (seconds: number) => {
      audio.currentTime = seconds;
      audio.dispatchEvent(new Event("timeupdate"));
    };
    passes(14);
    expect(audio.pause).not.toHaveBeenCalled();
    passes(14.5);
    expect(audio.pause).toHaveBeenCalledTimes(1);
    passes(15);
    expect(audio.pause).toHaveBeenCalledTimes(1);
  });

  it("is one voice at a time", async () => {
    show();
    await userEvent.click(screen.getByRole("button", { name: "Quote of first" }));
    await player(1);
    await userEvent.click(screen.getByRole("button", { name: "Quote of second" }));
    await player(2);
    expect(vi.mocked(HTMLMediaElement.prototype.pause).mock.contexts).toEqual([await player(1)]);
  });

  it("says so where nothing was kept", async () => {
    vi.mocked(api.getRecording).mockRejectedValue(new Problem(404, "NOT_RECORDED", "nothing"));
    show();
    await userEvent.click(screen.getByRole("button", { name: "Quote of first" }));
    expect(await screen.findByText("There is no recording of this answer")).toBeInTheDocument();
  });

  it("is not offered without the candidate's consent", () => {
    show(false);
    expect(screen.queryByRole("button", { name: /Listen/ })).toBeNull();
  });
});
