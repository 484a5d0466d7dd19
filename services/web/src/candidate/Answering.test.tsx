import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { useState } from "react";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { client } from "../api/client";
import type { Answer, Interview, Turn } from "../api/interview";
import type { Message } from "../api/socket";
import { speak, startLanguages } from "../i18n";
import { Answering } from "./Answering";
import { type Listen, ListenContext } from "./interviewState";
import { fakeCall, message } from "./voice/fakes";
import { type Modality, VoiceContext } from "./voice/held";
import type { VoiceCall } from "./voice/VoiceCall";

beforeAll(startLanguages);
beforeAll(() => {
  // jsdom has the element and not its methods.
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function () {
    this.open = false;
  };
});
beforeEach(async () => {
  localStorage.clear();
  sessionStorage.clear();
  await speak("en", false);
});

function asked(...words: string[]): { turn: Turn; answer: Answer } {
  const answer = {
    state: "open",
    text: "",
    draft: "",
    draft_revision: 0,
    words: words.map((text) => ({ text, start_seconds: 0, end_seconds: 1, confidence: 1 })),
    gaps: [],
    line: null,
  } as unknown as Answer;
  const turn = { turn_id: "t1", number: 1, question: { state: "asked", text: "What did you do?" }, answer };
  return { turn: turn as unknown as Turn, answer };
}

const INTERVIEW = {
  interview_id: "i",
  mode: "hiring",
  language: "en",
  consents: [],
  turns: [],
  sequence: 3,
  patience_seconds: 2,
} as unknown as Interview;

/** The gateway; what is sent to it, and the words that it has written down when it is asked again. */
function gateway(later: string[] = []) {
  const sent: unknown[] = [];
  vi.spyOn(client, "POST").mockImplementation((async (_: string, { body }: { body: unknown }) => {
    sent.push(body);
    return { data: INTERVIEW, response: new Response() };
  }) as unknown as typeof client.POST);
  vi.spyOn(client, "PUT").mockImplementation((async (
    _: string,
    { body }: { body: { draft_revision: number } },
  ) => ({
    data: body,
    response: new Response(),
  })) as unknown as typeof client.PUT);
  const { turn, answer } = asked(...later);
  vi.spyOn(client, "GET").mockImplementation((async () => ({
    data: { ...INTERVIEW, turns: [{ ...turn, answer: { ...answer, line: { loss: 0 } } }] },
    response: new Response(),
  })) as unknown as typeof client.GET);
  return sent;
}

const queries = new QueryClient();

/** The answer by voice, until the candidate chooses otherwise; `heard`: the words that are final. */
function Shown({ call, listen, heard }: { call: VoiceCall; listen: Listen; heard: string[] }) {
  const [modality, choose] = useState<Modality>("voice");
  return (
    <QueryClientProvider client={queries}>
      <ListenContext.Provider value={listen}>
        <VoiceContext.Provider value={{ modality, choose, call: modality === "voice" ? call : null }}>
          <main>
            <h1>Interview</h1>
            <Answering {...asked(...heard)} interview={INTERVIEW} />
          </main>
        </VoiceContext.Provider>
      </ListenContext.Provider>
    </QueryClientProvider>
  );
}

async function shown(...words: string[]) {
  const made = fakeCall();
  await made.call.open(false);
  made.peers[0]?.becomes("connected");
  const hearers = new Set<(one: Message) => void>();
  const listen = (hearer: (one: Message) => void) => {
    hearers.add(hearer);
    return () => hearers.delete(hearer);
  };
  const page = (heard: string[]) => <Shown call={made.call} listen={listen} heard={heard} />;
  const { container, rerender } = render(page(words));
  const hears = (...heard: string[]) => rerender(page(heard));
  const live = (type: string, data: Record<string, unknown>) =>
    act(() => {
      for (const hearer of hearers) hearer(message(type, { turn_id: "t1", ...data }));
      made.told(type, data);
    });
  return { ...made, container, hears, live };
}

async function violations(page: HTMLElement): Promise<unknown[]> {
  return (await axe.run(page, { rules: { "color-contrast": { enabled: false } } })).violations;
}

describe("an answer by voice", () => {
  it("shows one's own words as they come", async () => {
    gateway();
    const { live, hears, container } = await shown();
    expect(screen.getByText(/your words appear here/)).toBeVisible();
    live("line_level", { peer_id: "peer 1", level_dbfs: -18, speaking: true, faults: [] });
    expect(screen.getByRole("meter")).toHaveAttribute("aria-valuetext", "Well heard");
    live("transcript_delta", { utterance_id: "u", start_seconds: 0, text: "I meas" });
    expect(screen.getByText("I meas")).toBeVisible();
    hears("I", "measured", "it.");
    live("transcript_final", { event: { turn_id: "t1", utterance_id: "u" } });
    expect(screen.getByText("I measured it.")).toBeVisible();
    expect(screen.queryByText("I meas")).toBeNull();
    expect(await violations(container)).toEqual([]);
  });

  it("is closed once all that was said is written down", async () => {
    const sent = gateway();
    const { signalling } = await shown("I", "measured", "it.");
    await userEvent.click(screen.getByRole("button", { name: /Done/ }));
    await waitFor(() => expect(sent).toEqual([{ text: "", modality: "voice" }]));
    expect(signalling.say.mock.calls.map(([, phase]) => phase)).toEqual(["listening", "done"]);
  });

  it("asks before nothing is sent, but not of somebody whose words are still to come", async () => {
    const sent = gateway();
    const { live } = await shown();
    await userEvent.click(screen.getByRole("button", { name: /Done/ }));
    expect(screen.getByText(/Nothing was heard yet/)).toBeInTheDocument();
    expect(sent).toEqual([]);
    await userEvent.click(screen.getByText("Answer it"));
    live("speech_started", { start_seconds: 0, barged_in: false });
    await userEvent.click(screen.getByRole("button", { name: /Done/ }));
    await waitFor(() => expect(sent).toEqual([{ text: "", modality: "voice" }]));
  });

  it("waits longer for who needs a moment, until they speak", async () => {
    gateway();
    const { live, signalling } = await shown();
    const moment = screen.getByRole("button", { name: "I need a moment" });
    await userEvent.click(moment);
    expect(moment).toHaveAttribute("aria-pressed", "true");
    expect(screen.getByText(/Take your moment/)).toBeVisible();
    live("speech_started", { start_seconds: 4, barged_in: false });
    expect(moment).toHaveAttribute("aria-pressed", "false");
    await waitFor(() =>
      expect(signalling.say.mock.calls.map(([, phase]) => phase)).toEqual([
        "listening",
        "thinking",
        "listening",
      ]),
    );
  });

  it("goes on in writing with what was said, and what is heard late is added", async () => {
    const sent = gateway();
    const { hears } = await shown("I", "measured", "it.");
    await userEvent.click(screen.getByRole("button", { name: "Type instead" }));
    const field = screen.getByRole("textbox");
    expect(field).toHaveValue("I measured it.");
    expect(field).toHaveFocus();
    hears("I", "measured", "it.", "Twice.");
    expect(field).toHaveValue("I measured it. Twice.");
    await userEvent.type(field, " Then I mended it.");
    await userEvent.click(screen.getByRole("button", { name: /Done/ }));
    await waitFor(() =>
      expect(sent).toEqual([{ text: "I measured it. Twice. Then I mended it.", modality: "text" }]),
    );
  });

  it("keeps what was typed when it goes on by voice, and waits for the last words", async () => {
    const sent = gateway(["And", "more."]);
    const { hears } = await shown();
    await userEvent.click(screen.getByRole("button", { name: "Type instead" }));
    await userEvent.type(screen.getByRole("textbox"), "Typed.");
    await userEvent.click(screen.getByRole("button", { name: "Speak instead" }));
    hears("And");
    expect(await screen.findByText("Typed. And")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: /Done/ }));
    await waitFor(() => expect(sent).toEqual([{ text: "Typed. And more.", modality: "text" }]));
  });

  it("is spoken as before when nothing was typed in between", async () => {
    const sent = gateway();
    await shown("I", "measured", "it.");
    await userEvent.click(screen.getByRole("button", { name: "Type instead" }));
    await userEvent.click(screen.getByRole("button", { name: "Speak instead" }));
    await userEvent.click(screen.getByRole("button", { name: /Done/ }));
    await waitFor(() => expect(sent).toEqual([{ text: "", modality: "voice" }]));
  });

  it("says what is wrong with the sound or its writing down", async () => {
    gateway();
    const { live } = await shown();
    live("line_level", { peer_id: "peer 1", level_dbfs: -90, speaking: false, faults: ["silent"] });
    expect(screen.getByText(/Is it muted/)).toBeVisible();
    live("peer_status", { peer_id: "peer 1", state: "connected", transcription: "text_only" });
    expect(screen.getByText(/cannot be written down right now/)).toBeVisible();
  });

  it.each(["en", "ko"] as const)(
    "says in words (%s) that the line is lost and that another tab speaks",
    async (language) => {
      await speak(language, false);
      gateway();
      const { live, peers, container } = await shown("One");
      act(() => peers[0]?.becomes("disconnected"));
      expect(screen.getByText(language === "en" ? /Trying again/ : /다시 시도하는 중/)).toBeVisible();
      live("peer_status", { peer_id: "peer 1", state: "closed", reason: "TAKEN_OVER" });
      expect(
        screen.getByText(language === "en" ? "The voice goes on elsewhere" : "다른 곳에서 듣고 있습니다"),
      ).toBeVisible();
      expect(await violations(container)).toEqual([]);
      await userEvent.click(
        screen.getByRole("button", { name: language === "en" ? "Speak here" : "여기서 말하기" }),
      );
      expect(peers).toHaveLength(2);
    },
  );
});
