import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { CandidateRow } from "../api/candidates";
import { client } from "../api/client";
import { learnStaffWords, speak, startLanguages } from "../i18n";
import { InviteAnewDialog } from "./InvitationDialogs";

const CANDIDATE = { name: "Kim", email: "kim@example.com" };
const ROW = { interview_id: "one", position_id: "p", state: "expired", candidate: CANDIDATE } as CandidateRow;

beforeAll(async () => {
  await startLanguages();
  await speak("en", false);
  await learnStaffWords();
  // jsdom has the element and not its methods.
  HTMLDialogElement.prototype.showModal = function open() {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function close() {
    this.open = false;
  };
});

/** A gateway whose line breaks after the first invitation has reached it; the keys that came. */
function gateway(): string[] {
  const keys: string[] = [];
  vi.spyOn(client, "GET").mockImplementation((async () => ({
    data: { candidate: CANDIDATE, extra_time_percent: 25 },
    response: new Response(),
  })) as unknown as typeof client.GET);
  vi.spyOn(client, "POST").mockImplementation((async (
    _: string,
    { headers }: { headers: Record<string, string> },
  ) => {
    keys.push(String(headers["Idempotency-Key"]));
    if (keys.length === 1) throw new TypeError("the line is cut");
    return {
      data: { items: [{ url: "https://viva.example/#t", candidate: CANDIDATE, expires_at: null }] },
      response: new Response(),
    };
  }) as unknown as typeof client.POST);
  return keys;
}

describe("inviting somebody anew", () => {
  it("makes one interview however often it is pressed, and another one the next time", async () => {
    const keys = gateway();
    const dialog = () =>
      render(
        <QueryClientProvider client={new QueryClient()}>
          <InviteAnewDialog row={ROW} onClose={() => {}} />
        </QueryClientProvider>,
      );
    const { unmount } = dialog();
    const press = async () => userEvent.click(await screen.findByRole("button", { name: "Make a new link" }));
    expect(screen.getByRole("combobox")).toBeInTheDocument();
    await press();
    await screen.findByText("Viva does not answer");
    expect(screen.queryByRole("combobox")).toBeNull();
    await press();
    await screen.findByText(/keeps no copy of a link/);
    unmount();
    dialog();
    await press();
    await vi.waitFor(() => expect(keys).toHaveLength(3));
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });
});
