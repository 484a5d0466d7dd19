import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Answer, reviseTranscript, type Turn } from "../api/interview";
import { Problem } from "../api/problems";
import { startLanguages } from "../i18n";
import { Correction, placeOf } from "./Correction";
import { kept } from "./onDevice";

vi.mock("../api/interview", async (original) => ({ ...(await original()), reviseTranscript: vi.fn() }));
beforeAll(startLanguages);
beforeEach(() => localStorage.clear());

const TURN = { turn_id: "t1", number: 1 } as Turn;

function answerAt(revision: number, text = "I measured"): Answer {
  const revisions = Array.from({ length: revision }, (_, index) => ({
    revision: index + 1,
    text,
    created_at: null,
  }));
  return { text, remark: "", revisions } as unknown as Answer;
}

/** Refuse so, one after the other, and then take it; what was sent. */
function gateway(...refusals: Problem[]) {
  const sent = vi.mocked(reviseTranscript).mockReset().mockResolvedValue(undefined);
  for (const one of refusals) sent.mockRejectedValueOnce(one);
  return sent.mock.calls;
}

function open(answer = answerAt(1)) {
  const onDone = vi.fn();
  const page = render(
    <QueryClientProvider client={new QueryClient()}>
      <Correction turn={TURN} answer={answer} onDone={onDone} />
    </QueryClientProvider>,
  );
  return { ...page, onDone };
}

const text = () => screen.getByLabelText("The answer as you meant it");
const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));

describe("a correction", () => {
  it("is on this device while it is written, and there again after a reload", async () => {
    const { unmount } = open();
    await userEvent.type(text(), " it");
    await userEvent.type(screen.getByLabelText(/A remark/), "Bad line.");
    unmount();
    open();
    expect(text()).toHaveValue("I measured it");
    expect(screen.getByLabelText(/A remark/)).toHaveValue("Bad line.");
    expect(screen.getByText(/had not sent this correction/)).toBeVisible();
  });

  it("that changes nothing, or was cancelled, or was taken, is kept no more", async () => {
    gateway();
    const { onDone } = open();
    await userEvent.type(text(), "!{Backspace}");
    expect(kept(placeOf(TURN))).toBeNull();
    await userEvent.type(text(), "!");
    expect(kept(placeOf(TURN))).not.toBeNull();
    await press("Keep the correction");
    await waitFor(() => expect(onDone).toHaveBeenCalledOnce());
    expect(kept(placeOf(TURN))).toBeNull();
    await userEvent.type(text(), "?");
    await press("Cancel");
    expect(kept(placeOf(TURN))).toBeNull();
  });

  it("names the transcript that it corrects, and after a warning the one of the other tab", async () => {
    const { unmount } = open();
    await userEvent.type(text(), " it");
    unmount();
    const sent = gateway(new Problem(412, "PRECONDITION_FAILED", "it is at revision 2"));
    const { onDone } = open(answerAt(2, "I guessed"));
    await press("Keep the correction");
    expect(await screen.findByText(/changed in another tab/)).toBeVisible();
    expect(text()).toHaveValue("I measured it");
    await press("Keep the correction");
    await waitFor(() => expect(onDone).toHaveBeenCalledOnce());
    expect(sent).toEqual([
      ["t1", 1, "I measured it", ""],
      ["t1", 2, "I measured it", ""],
    ]);
  });
});
