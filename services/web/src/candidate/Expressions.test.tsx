import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { client } from "../api/client";
import type { ExpressionPoint, Interview } from "../api/interview";
import { speak, startLanguages } from "../i18n";
import { Expressions, sees } from "./Expressions";

beforeAll(startLanguages);
beforeEach(() => speak("en", false));

const NOTICE = {
  heading: "What the model saw",
  is_this: "A model named the expression.",
  is_not: "It enters no score.",
  for_whom: "Only you see this.",
};
const KOREAN = {
  heading: "모델이 본 것",
  is_this: "표정의 이름",
  is_not: "점수 아님",
  for_whom: "당신에게만",
};

function point(seconds: number, happy: number | null, turn = "t1"): ExpressionPoint {
  const expressions = [
    { expression: "happy" as const, probability: happy ?? 0 },
    { expression: "neutral" as const, probability: 1 - (happy ?? 0) },
  ];
  const face = { x: 0.2, y: 0.2, width: 0.4, height: 0.5, confidence: 0.9, expressions };
  return {
    captured_at: new Date(Date.UTC(2026, 10, 25, 9, 0, seconds)).toISOString(),
    turn_id: turn,
    faces: happy === null ? 0 : 1,
    face: happy === null ? null : face,
    quality: happy === null ? ["no_face"] : [],
    model: null,
  };
}

function practice(granted: boolean, mode: Interview["mode"] = "practice"): Interview {
  const consents = [{ purpose: "expressions", granted, text_version: "1", recorded_at: null }];
  const turns = [{ turn_id: "t1", number: 1 }];
  return { interview_id: "i", mode, consents, turns, sequence: 3 } as unknown as Interview;
}

/** The gateway answers in pages of these. */
function gateway(...pages: ExpressionPoint[][]): void {
  vi.spyOn(client, "GET").mockImplementation((async (
    _: string,
    how: { params: { query: { cursor: string } } },
  ) => {
    const number = Number(how.params.query.cursor || 0);
    const next = number + 1 < pages.length ? String(number + 1) : null;
    const data = { items: pages[number], next_cursor: next, notice: { en: NOTICE, ko: KOREAN } };
    return { data, response: new Response() };
  }) as unknown as typeof client.GET);
}

/** The gateway refuses. */
function refusal(status: number, reason: string): void {
  const refused = async () => ({ error: { reason }, response: new Response(null, { status }) });
  vi.spyOn(client, "GET").mockImplementation(refused as unknown as typeof client.GET);
}

function show(interview: Interview): HTMLElement {
  const { container } = render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <main>
        <h1>Feedback</h1>
        <Expressions interview={interview} />
      </main>
    </QueryClientProvider>,
  );
  return container;
}

describe("what the model saw", () => {
  it("is for practice with consent alone", () => {
    expect(sees(practice(true))).toBe(true);
    expect(sees(practice(false))).toBe(false);
    expect(sees(practice(true, "hiring"))).toBe(false);
  });

  it("stands by answer and time, with what it is and what it is not", async () => {
    gateway([point(0, 0.8), point(2, 0.1)], [point(4, null), point(70, 0.9, "")]);
    const page = show(practice(true));
    expect(await screen.findByText(NOTICE.is_this)).toBeVisible();
    expect(screen.getByRole("heading", { name: NOTICE.heading })).toBeVisible();
    for (const words of [NOTICE.is_this, NOTICE.is_not, NOTICE.for_whom]) {
      expect(screen.getByText(words)).toBeVisible();
    }
    expect(screen.getByText(/happy: one picture, neutral: one picture, no face/)).toBeVisible();
    expect(screen.getByRole("heading", { name: "Between the questions" })).toBeVisible();
    await userEvent.click(screen.getByText("Each of the 3 pictures"));
    expect(screen.getByText("happy, 80 %")).toBeVisible();
    expect(screen.getByText("0:04")).toBeVisible();
    const { violations } = await axe.run(page, { rules: { "color-contrast": { enabled: false } } });
    expect(violations).toEqual([]);
  });

  it("speaks Korean", async () => {
    await speak("ko", false);
    gateway([point(0, 0.8)]);
    show(practice(true));
    expect(await screen.findByText("기쁨: 사진 1장")).toBeVisible();
    expect(screen.getByRole("heading", { name: KOREAN.heading })).toBeVisible();
  });

  it("is not there where nothing looks", async () => {
    refusal(409, "NO_VISION");
    show(practice(true));
    await waitFor(() => expect(screen.queryByRole("heading", { name: NOTICE.heading })).toBeNull());
  });

  it("can be tried again when it could not be fetched", async () => {
    refusal(500, "INTERNAL");
    show(practice(true));
    expect(await screen.findByText(/could not be fetched/)).toBeVisible();
    gateway([point(0, 0.8)]);
    await userEvent.click(screen.getByRole("button", { name: /again/i }));
    expect(await screen.findByText(NOTICE.is_not)).toBeVisible();
  });

  it("is deleted by taking the consent back", async () => {
    gateway([point(0, 0.8)]);
    const sent = vi.spyOn(client, "POST").mockImplementation((async () => ({
      data: practice(false),
      response: new Response(),
    })) as unknown as typeof client.POST);
    show(practice(true));
    await userEvent.click(await screen.findByRole("button", { name: /Take the consent back/ }));
    await waitFor(() => expect(sent).toHaveBeenCalledOnce());
    expect(sent.mock.calls[0]?.[1]).toMatchObject({
      body: { consents: [{ purpose: "expressions", granted: false }] },
    });
  });
});
