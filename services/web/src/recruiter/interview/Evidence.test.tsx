import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Interview, Report, Review } from "../../api/interviews";
import * as api from "../../api/interviews";
import { Problem } from "../../api/problems";
import type { Me } from "../../api/staff";
import { learnStaffWords, speak, startLanguages } from "../../i18n";
import { MeContext } from "../session";
import { Decisions } from "./Decisions";
import { Evidence } from "./Evidence";

vi.mock("../../api/interviews", async (original) => ({
  ...(await original<typeof api>()),
  listReviews: vi.fn(),
  submitReview: vi.fn(),
  scoreByHand: vi.fn(),
}));

const leaving = { unsaved: () => false };
vi.mock("../LeaveGuard", () => ({
  LeaveGuard: ({ unsaved }: { unsaved: () => boolean }) => {
    leaving.unsaved = unsaved;
    return null;
  },
}));

const ANSWER = "I measured it first. Then I added an index.";
const REVIEWER: Me = { account_id: "me", tenant_id: "t", name: "Lee", roles: ["reviewer"] };

const criterion = {
  criterion_id: "reasoning",
  title: "Reasoning",
  description: "",
  weight: 100,
  anchors: [1, 2, 3, 4, 5].map((band) => ({ band, description: `Band ${band}` })),
};

function turn(number: number, text: string, score: number | null) {
  return {
    turn_id: `turn-${number}`,
    number,
    competency: null,
    intent: "main",
    follow_up_reason: null,
    question: { state: "asked", text: `Question ${number}?`, origin: null },
    answer: {
      state: "evaluated",
      text,
      revisions: [{ revision: 1, text, created_at: null }],
      modality: "text",
      remark: "",
      words: [],
      gaps: [],
      line: null,
      line_faults: [],
      confidence: null,
    },
    evaluation: {
      answer_revision: 1,
      scores: [
        {
          criterion_id: "reasoning",
          weight: 100,
          score,
          unscored_reason: score === null ? "empty_answer" : null,
          quotes: score === null ? [] : [{ text: "added an index", span: null, start_time_seconds: null }],
          rationale: "",
          repaired: false,
        },
      ],
    },
    human_scores: [],
  };
}

const interview = {
  interview_id: "one",
  language: "en",
  consents: [],
  turns: [turn(1, ANSWER, 4), turn(2, "", null)],
} as unknown as Interview;

const report = {
  version: 1,
  competencies: [
    {
      competency: { competency_id: "debugging", title: "Debugging" },
      weight: 100,
      total: { score: 4, scored_weight: 100 },
      criteria: [
        {
          criterion,
          human: false,
          turns: [
            { turn_id: "turn-1", turn_number: 1 },
            { turn_id: "turn-2", turn_number: 2 },
          ],
        },
      ],
    },
  ],
} as unknown as Report;

function show(children: ReactNode, me: Me = REVIEWER) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const all = (shown: ReactNode) => (
    <QueryClientProvider client={queries}>
      <MeContext.Provider value={me}>{shown}</MeContext.Provider>
    </QueryClientProvider>
  );
  const { rerender } = render(all(children));
  return (shown: ReactNode) => rerender(all(shown));
}

function review(reviewer: string, sealed: boolean): Review {
  return {
    review_id: reviewer,
    reviewer_id: reviewer,
    reviewer_name: `Reviewer ${reviewer}`,
    decision: sealed ? null : "advance",
    reason: sealed ? "" : "Measures before changing anything.",
    report_version: 1,
    created_at: null,
    sealed,
  };
}

beforeAll(async () => {
  await startLanguages();
  await speak("en", false);
  await learnStaffWords();
  // jsdom has neither layout nor modal dialogs.
  Element.prototype.scrollIntoView = vi.fn();
  HTMLDialogElement.prototype.showModal = function open() {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function close() {
    this.open = false;
  };
});

beforeEach(() => vi.clearAllMocks());

describe("the evidence", () => {
  it("marks a quote's words where they were said, takes the reader there and back", async () => {
    show(<Evidence interview={interview} report={report} />);
    const quote = screen.getByRole("button", { name: /added an index/ });
    await userEvent.click(quote);
    const mark = screen.getByText("added an index", { selector: "mark" });
    expect(mark).toHaveFocus();
    expect(within(screen.getByLabelText("Question 1")).getByText("added an index")).toBe(mark);
    await userEvent.click(screen.getByRole("button", { name: "Back to the score" }));
    expect(quote).toHaveFocus();
  });

  it("says why a criterion is unscored and takes a person's score for it", async () => {
    vi.mocked(api.scoreByHand).mockResolvedValue({} as never);
    show(<Evidence interview={interview} report={report} />);
    expect(screen.getByText("The answer is empty.")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: /Score by hand/ }));
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    expect(screen.getByText("Choose one of the five.")).toBeInTheDocument();
    expect(api.scoreByHand).not.toHaveBeenCalled();
    await userEvent.click(screen.getByLabelText(/Band 3/));
    await userEvent.type(screen.getByLabelText("Reason"), "Said it in the other answer.");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    expect(api.scoreByHand).toHaveBeenCalledWith(
      "one",
      "turn-2",
      "reasoning",
      3,
      "Said it in the other answer.",
    );
  });

  it("offers no score by hand where the model has scored, nor to who may not", () => {
    show(<Evidence interview={interview} report={report} />, { ...REVIEWER, roles: ["recruiter"] });
    expect(screen.queryByRole("button", { name: /Score by hand/ })).toBeNull();
  });
});

describe("the decisions", () => {
  it("tell a second reviewer who has decided, and neither what nor why", async () => {
    vi.mocked(api.listReviews).mockResolvedValue([review("a", true)]);
    show(<Decisions interviewId="one" reportVersion={1} />);
    expect(await screen.findByText("Reviewer a")).toBeInTheDocument();
    expect(screen.getByText("Sealed")).toBeInTheDocument();
    expect(screen.queryByText(/Measures/)).toBeNull();
  });

  it("ask for a choice and a reason, and bear the report that was read", async () => {
    vi.mocked(api.listReviews).mockResolvedValue([]);
    vi.mocked(api.submitReview).mockResolvedValue(review("me", false));
    const again = show(<Decisions interviewId="one" reportVersion={1} />);
    await userEvent.click(await screen.findByRole("button", { name: "Decide" }));
    expect(api.submitReview).not.toHaveBeenCalled();
    await userEvent.click(screen.getByLabelText("Advance"));
    await userEvent.type(screen.getByLabelText("Reason"), "Measures before changing anything.");
    again(<Decisions interviewId="one" reportVersion={2} />);
    expect(screen.getByRole("button", { name: "Decide" })).toBeDisabled();
    await userEvent.click(screen.getByRole("button", { name: "I have looked at it" }));
    await userEvent.click(screen.getByRole("button", { name: "Decide" }));
    await waitFor(() =>
      expect(api.submitReview).toHaveBeenCalledWith(
        "one",
        "advance",
        "Measures before changing anything.",
        2,
      ),
    );
  });

  it("wait calmly while words that came late are scored, and are sent by themselves", async () => {
    vi.mocked(api.listReviews).mockResolvedValue([]);
    vi.mocked(api.submitReview)
      .mockReset()
      .mockRejectedValueOnce(new Problem(409, "REPORT_PENDING", "read it again in a moment"))
      .mockResolvedValue(review("me", false));
    show(<Decisions interviewId="one" reportVersion={1} />);
    await userEvent.click(await screen.findByLabelText("Hold"));
    await userEvent.type(screen.getByLabelText("Reason"), "Wait for the second interview.");
    await userEvent.click(screen.getByRole("button", { name: "Decide" }));
    expect(await screen.findByText(/words that came late are being scored/)).toBeInTheDocument();
    expect(screen.getByText(/Keep this page open/)).toBeInTheDocument();
    expect(leaving.unsaved(), "who leaves is asked first").toBe(true);
    expect(screen.queryByRole("alert")).toBeNull();
    expect(screen.getByLabelText("Reason")).toHaveAttribute("readonly");
    await waitFor(() => expect(api.submitReview).toHaveBeenCalledTimes(2), { timeout: 30_000 });
    expect(vi.mocked(api.submitReview).mock.calls[1]).toEqual(vi.mocked(api.submitReview).mock.calls[0]);
    await waitFor(() => expect(screen.getByLabelText("Reason")).toHaveValue(""));
    expect(leaving.unsaved()).toBe(false);
  }, 60_000);

  it("are no dead form for who may not decide", async () => {
    vi.mocked(api.listReviews).mockResolvedValue([review("a", false)]);
    show(<Decisions interviewId="one" reportVersion={1} />, { ...REVIEWER, roles: ["recruiter"] });
    expect(await screen.findByText("Measures before changing anything.")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Decide" })).toBeNull();
  });
});
