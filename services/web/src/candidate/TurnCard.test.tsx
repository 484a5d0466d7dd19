import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import axe from "axe-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { Answer, Turn } from "../api/interview";
import { speak, startLanguages } from "../i18n";
import { clock, secondsOf } from "./clock";
import { TurnCard } from "./TurnCard";

beforeAll(startLanguages);

const LINE = { loss: 0, jitter_ms: 3, round_trip_ms: 20, clipping: 0, level_dbfs: -24 };

function spoken(changes: Partial<Answer> = {}): Turn {
  const words = [
    { text: "I", start_seconds: 0, end_seconds: 0.2, confidence: 0.95 },
    { text: "rebuilt", start_seconds: 0.2, end_seconds: 0.6, confidence: 0.4 },
    { text: "it", start_seconds: 0.6, end_seconds: 0.8, confidence: 0.7 },
  ];
  const answer: Answer = {
    state: "submitted",
    text: "I rebuilt it",
    revisions: [{ revision: 1, text: "I rebuilt it", created_at: null }],
    modality: "voice",
    closed_by: "silence",
    draft: "",
    draft_revision: 0,
    submitted_at: null,
    confidence: 0.68,
    remark: "",
    words,
    passages: [{ first_word: 0, words: 3 }],
    gaps: [],
    line: LINE,
    line_faults: [],
    ...changes,
  };
  const question = { state: "asked" as const, text: "What did you do?", origin: null };
  return {
    turn_id: "t",
    number: 1,
    competency: null,
    intent: "main",
    follow_up_reason: null,
    question: { ...question, requested_at: null, asked_at: null },
    answer,
    evaluation: null,
    human_scores: [],
  };
}

async function shown(turn: Turn, threshold = 0.6): Promise<HTMLElement> {
  const { container } = render(
    <QueryClientProvider client={new QueryClient()}>
      <main>
        <h1>Review</h1>
        <TurnCard turn={turn} language="en" threshold={threshold} />
      </main>
    </QueryClientProvider>,
  );
  const { violations } = await axe.run(container, { rules: { "color-contrast": { enabled: false } } });
  expect(violations).toEqual([]);
  return container;
}

describe("an answer to be read", () => {
  it("marks the words below the position's threshold, and says what the mark means", async () => {
    const page = await shown(spoken());
    expect([...page.querySelectorAll("mark")].map((mark) => mark.textContent?.trim())).toEqual(["rebuilt"]);
    expect(screen.getByText(/was not sure of the marked words/)).toBeVisible();
  });

  it("asks to correct or repeat what was not understood surely enough to be scored", async () => {
    await shown(spoken({ confidence: 0.59 }));
    expect(screen.getByText(/is not scored as it stands/)).toBeVisible();
  });

  it.each([
    ["it was understood", { confidence: 0.61 }, 0.6],
    ["no threshold is set", { confidence: 0.1 }, 0],
    ["a hand corrected it", { text: "I rebuilt it all", confidence: null }, 0.6],
  ])("asks for nothing when %s", async (_, changes, threshold) => {
    await shown(spoken(changes), threshold);
    expect(screen.queryByText(/is not scored as it stands/)).toBeNull();
  });

  it("shows what could not be written down with its time, never as silence", async () => {
    const gaps = [{ start_seconds: 7, end_seconds: 67.5, reason: "ENGINE_AWAY" }];
    await shown(spoken({ text: "", words: [], gaps }));
    expect(screen.getByText(/0:07 to 1:07/)).toBeVisible();
    expect(screen.getByText(/Nothing of this answer could be written down/)).toBeVisible();
    expect(screen.queryByText("No answer.")).toBeNull();
  });

  it("says that words are to come while they are owed", async () => {
    await shown(spoken({ text: "", words: [], line: null }));
    expect(screen.getByText(/Not written down yet/)).toBeVisible();
  });

  it("tells of a bad line", async () => {
    await shown(spoken({ line_faults: ["loss"] }));
    expect(screen.getByText(/The line was bad/)).toBeVisible();
  });

  it("says it in Korean", async () => {
    await speak("ko", false);
    await shown(spoken({ confidence: 0.2 }));
    expect(screen.getByText("이 답변을 확인해 주세요")).toBeVisible();
    await speak("en", false);
  });
});

describe("a place in an answer", () => {
  it("is minutes and seconds", () => {
    expect([0, 7.9, 83.9, 605].map(clock)).toEqual(["0:00", "0:07", "1:23", "10:05"]);
    expect(secondsOf("83.900s")).toBe(83.9);
    expect(secondsOf(null)).toBeNull();
  });
});
