import { act, render, screen, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Interview } from "../../api/interview";
import { fakeCall } from "./fakes";
import { useHeldVoice } from "./held";

const calls: ReturnType<typeof fakeCall>[] = [];

vi.mock("./VoiceCall", async (original) => ({
  ...(await original<typeof import("./VoiceCall")>()),
  createCall: () => {
    const made = fakeCall();
    calls.push(made);
    return made.call;
  },
}));

const INTERVIEW = { interview_id: "i", mode: "hiring", consents: [] } as unknown as Interview;
const silent = () => () => {};

/** A tab of the interview. */
function Tab() {
  const { modality, choose } = useHeldVoice(INTERVIEW, true, silent);
  return (
    <button type="button" onClick={() => choose("voice")}>
      {modality}
    </button>
  );
}

async function speaking() {
  const { unmount } = render(<Tab />);
  act(() => screen.getByRole("button").click());
  await waitFor(() => expect(calls.at(-1)?.peers).toHaveLength(1));
  const leave = () => {
    window.dispatchEvent(new Event("pagehide"));
    const kept = sessionStorage.getItem("viva.voice");
    unmount();
    if (kept === null) sessionStorage.removeItem("viva.voice");
  };
  return { leave };
}

beforeEach(() => {
  sessionStorage.clear();
  calls.length = 0;
});

describe("the voice of a tab", () => {
  it("goes on after a reload", async () => {
    const { leave } = await speaking();
    leave();
    render(<Tab />);
    expect(screen.getByRole("button")).toHaveTextContent("voice");
    await waitFor(() => expect(calls).toHaveLength(2));
  });

  it("is not taken by a duplicate of the tab", async () => {
    await speaking();
    // A duplicate begins with a copy of what this tab keeps.
    expect(sessionStorage.getItem("viva.voice")).toBeNull();
  });

  it("is not taken back by the reload of a tab that was taken over", async () => {
    const { leave } = await speaking();
    const [made] = calls;
    act(() => made?.told("peer_status", { peer_id: "peer 1", state: "closed", reason: "TAKEN_OVER" }));
    leave();
    render(<Tab />);
    expect(screen.getByRole("button")).toHaveTextContent("text");
  });
});
