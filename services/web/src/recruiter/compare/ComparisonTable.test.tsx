import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { CandidateRow } from "../../api/candidates";
import { learnStaffWords, speak, startLanguages } from "../../i18n";
import { ComparisonTable } from "./ComparisonTable";
import type { View } from "./comparison";
import { Plot } from "./Plot";

const COMPETENCIES = [{ id: "debugging", title: "Debugging", weight: 100 }];

function row(name: string, score: number | null): CandidateRow {
  return {
    interview_id: name,
    candidate: { name, email: "" },
    total: { score, scored_weight: score === null ? 0 : 60 },
    coverage: { weight_scored: score === null ? 0 : 60 },
    competencies: [
      {
        competency_id: "debugging",
        title: "Debugging",
        weight: 100,
        total: { score, scored_weight: score === null ? 0 : 60 },
        lowest: score === null ? null : 2,
        highest: score === null ? null : 5,
        deviation: score === null ? null : 1.25,
        scores: 3,
        answers: 2,
      },
    ],
    decision: null,
    sealed: name === "Lee",
    disagreement: false,
    demo: false,
  } as unknown as CandidateRow;
}

const ROWS = [row("Kim", 3.5), row("Lee", 4), row("Park", null)];

async function show(view: View = {}) {
  const onView = vi.fn();
  const root = createRootRoute();
  const page = createRoute({
    getParentRoute: () => root,
    path: "/",
    component: () => (
      <>
        <ComparisonTable rows={ROWS} competencies={COMPETENCIES} view={view} onView={onView} />
        <Plot rows={ROWS} competencies={COMPETENCIES} />
      </>
    ),
  });
  const router = createRouter({ routeTree: root.addChildren([page]), history: createMemoryHistory() });
  render(<RouterProvider router={router as never} />);
  await screen.findByRole("link", { name: "Kim" });
  return onView;
}

beforeAll(async () => {
  await startLanguages();
  await speak("en", false);
  await learnStaffWords();
  window.scrollTo = vi.fn();
});

describe("the comparison", () => {
  it("tells a score with its spread and how much was scored, and no score as unscored", async () => {
    await show();
    const [, kim, , park] = screen.getAllByRole("row");
    expect(kim).toHaveTextContent("2 to 5, ± 1.3");
    expect(kim).toHaveTextContent("60 % scored");
    expect(park).toHaveTextContent("Unscored");
  });

  it("does not tell who may still decide what another decided", async () => {
    await show();
    expect(screen.getByText("Sealed until you have decided")).toBeInTheDocument();
  });

  it("goes from candidate to candidate with the arrow keys", async () => {
    await show();
    screen.getByRole("link", { name: "Kim" }).focus();
    await userEvent.keyboard("{ArrowDown}");
    expect(screen.getByRole("link", { name: "Lee" })).toHaveFocus();
    await userEvent.keyboard("{End}{ArrowDown}");
    expect(screen.getByRole("link", { name: "Park" })).toHaveFocus();
    await userEvent.keyboard("{Home}");
    expect(screen.getByRole("link", { name: "Kim" })).toHaveFocus();
  });

  it("says by what it is sorted and asks for another order", async () => {
    const onView = await show();
    expect(screen.getByRole("columnheader", { name: /Overall/ })).toHaveAttribute("aria-sort", "descending");
    await userEvent.click(screen.getByRole("button", { name: /Debugging/ }));
    expect(onView).toHaveBeenCalledWith({ by: "debugging" });
  });

  it("is drawn with the same words for who does not see it", async () => {
    await show();
    await userEvent.selectOptions(screen.getByLabelText("Competency"), "Debugging");
    const drawn = screen.getAllByRole("img").map((one) => one.getAttribute("aria-label"));
    expect(drawn).toEqual([
      "Kim: 3.5 of 5, from 2 to 5, 60\u00a0% scored",
      "Lee: 4 of 5, from 2 to 5, 60\u00a0% scored",
      "Park: unscored",
    ]);
  });
});
