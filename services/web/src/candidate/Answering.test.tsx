import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { useState } from "react";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { client } from "../api/client";
import type { Answer, Interview, Turn } from "../api/interview";
import type { Message } from "../api/socket";
import type { Speech } from "../api/voice";
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
    passages: words.length === 0 ? [] : [{ first_word: 0, words: words.length }],
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

/** What is typed is kept each second. */
const SOON = { timeout: 5000 };
const OWED = { pending_seconds: 4, transcription: "delayed", finals: 0, gaps: 0 };
const REFUSED = { error: { reason: "NOT_TAKEN" }, response: new Response(null, { status: 422 }) };

/** The gateway; what answers are sent to it, and the words that it has written down when it is asked again. `says`: what
 * media says to who is done; null while it is away. */
function gateway(later: string[] = [], says: unknown = OWED, takes: unknown = null) {
  const sent: unknown[] = [];
  vi.spyOn(client, "POST").mockImplementation((async (path: string, { body }: { body: unknown }) => {
    if (path.endsWith("/speech")) {
      const away = { error: {}, response: new Response(null, { status: 503 }) };
      return says === null ? away : { data: says, response: new Response() };
    }
    sent.push(body);
    return takes ?? { data: INTERVIEW, response: new Response() };
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

interface Page {
  call: VoiceCall;
  listen: Listen;
  /** The words that are final. */
  heard: string[];
  /** How the tab begins. */
  begins: Modality;
}

/** The answer, until the candidate chooses otherwise. */
function Shown({ call, listen, heard, begins }: Page) {
  const [modality, choose] = useState<Modality>(begins);
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

function shown(...words: string[]) {
  return begun("voice", words);
}

async function begun(begins: Modality, words: string[], made = fakeCall()) {
  await made.call.open(false);
  made.peers[0]?.becomes("connected");
  const hearers = new Set<(one: Message) => void>();
  const listen = (hearer: (one: Message) => void) => {
    hearers.add(hearer);
    return () => hearers.delete(hearer);
  };
  const page = (heard: string[]) => <Shown call={made.call} listen={listen} heard={heard} begins={begins} />;
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
    await waitFor(() => expect(sent).toEqual([{ text: "", modality: "voice", passages_seen: 1 }]));
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
    await waitFor(() => expect(sent).toEqual([{ text: "", modality: "voice", passages_seen: 0 }]));
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
      expect(sent).toEqual([
        { text: "I measured it. Twice. Then I mended it.", modality: "text", passages_seen: 1 },
      ]),
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
    await waitFor(() =>
      expect(sent).toEqual([{ text: "Typed. And more.", modality: "text", passages_seen: 1 }]),
    );
  });

  it("says with what is kept which passages it holds, for the case that the time closes the answer", async () => {
    gateway();
    const { hears } = await shown();
    const kept = () => vi.mocked(client.PUT).mock.calls.map((call) => (call[1] as { body: unknown }).body);
    await userEvent.click(screen.getByRole("button", { name: "Type instead" }));
    await userEvent.type(screen.getByRole("textbox"), "Typed.");
    await waitFor(
      () => expect(kept()).toEqual([{ text: "Typed.", draft_revision: 1, passages_seen: 0 }]),
      SOON,
    );
    hears("And");
    await waitFor(
      () => expect(kept()[1]).toEqual({ text: "And Typed.", draft_revision: 2, passages_seen: 1 }),
      SOON,
    );
    await userEvent.clear(screen.getByRole("textbox"));
    await waitFor(() => expect(kept()[2]).toEqual({ text: "", draft_revision: 3, passages_seen: 1 }), SOON);
  });

  it("is spoken as before when nothing was typed in between", async () => {
    const sent = gateway();
    await shown("I", "measured", "it.");
    await userEvent.click(screen.getByRole("button", { name: "Type instead" }));
    await userEvent.click(screen.getByRole("button", { name: "Speak instead" }));
    await userEvent.click(screen.getByRole("button", { name: /Done/ }));
    await waitFor(() => expect(sent).toEqual([{ text: "", modality: "voice", passages_seen: 1 }]));
  });

  it("is in the other tab, which begins in writing, and is sent whole from there", async () => {
    const sent = gateway();
    await begun("text", ["I", "measured", "it."]);
    const field = screen.getByRole("textbox");
    expect(field).toHaveValue("I measured it.");
    expect(screen.getByText("Saved.")).toBeVisible();
    await userEvent.type(field, " One more thing.");
    await userEvent.click(screen.getByRole("button", { name: /Done/ }));
    await waitFor(() =>
      expect(sent).toEqual([{ text: "I measured it. One more thing.", modality: "text", passages_seen: 1 }]),
    );
  });

  it("is spoken, also when it is sent from a tab in which nothing was typed; what was struck out is not", async () => {
    const sent = gateway();
    await begun("text", ["I", "measured", "it."]);
    await userEvent.click(screen.getByRole("button", { name: /Done/ }));
    await waitFor(() => expect(sent).toEqual([{ text: "", modality: "voice", passages_seen: 1 }]));
    cleanup();
    await begun("text", ["I", "measured", "it."]);
    await userEvent.clear(screen.getByRole("textbox"));
    await userEvent.click(screen.getByRole("button", { name: /Done/ }));
    expect(screen.getByText("Send no answer?")).toBeInTheDocument();
    await userEvent.click(screen.getByText("Go on without an answer"));
    await waitFor(() => expect(sent[1]).toEqual({ text: "", modality: "text", passages_seen: 1 }));
  });

  it("that ends in writing waits for words of which none is written down yet", async () => {
    const sent = gateway(["I", "measured", "it."]);
    await shown();
    await userEvent.click(screen.getByRole("button", { name: "Type instead" }));
    await userEvent.type(screen.getByRole("textbox"), "Then I mended it.");
    await userEvent.click(screen.getByRole("button", { name: /Done/ }));
    await waitFor(() =>
      expect(sent).toEqual([
        { text: "I measured it. Then I mended it.", modality: "text", passages_seen: 1 },
      ]),
    );
  });

  it("that ends in writing goes out though media is away, with what the interview has by then", async () => {
    const sent = gateway(["I", "measured", "it.", "Twice."], null);
    await shown("I", "measured", "it.");
    await userEvent.click(screen.getByRole("button", { name: "Type instead" }));
    await userEvent.type(screen.getByRole("textbox"), " I mended it.");
    await userEvent.click(screen.getByRole("button", { name: /Done/ }));
    await waitFor(() =>
      expect(sent).toEqual([
        { text: "I measured it. Twice. I mended it.", modality: "text", passages_seen: 1 },
      ]),
    );
  });

  it("leaves the caret where the candidate types when words come late", async () => {
    gateway();
    const { hears } = await shown("I", "measured", "it.");
    await userEvent.click(screen.getByRole("button", { name: "Type instead" }));
    const field = screen.getByRole<HTMLTextAreaElement>("textbox");
    await userEvent.type(field, " Then I it.");
    await userEvent.keyboard("{ArrowLeft>4/}");
    hears("I", "measured", "it.", "Twice.");
    await userEvent.keyboard(" mended");
    expect(field).toHaveValue("I measured it. Twice. Then I mended it.");
  });

  it("is not said to be listened to before media knows of it", async () => {
    gateway();
    const made = fakeCall();
    let accept = () => {};
    made.signalling.say.mockImplementation(
      () => new Promise((resolve) => (accept = () => resolve(OWED as Speech))),
    );
    await begun("voice", [], made);
    expect(screen.getByText("Connecting…")).toBeVisible();
    await act(async () => accept());
    expect(screen.getByText(/Viva is listening/)).toBeVisible();
  });

  it("is spoken no more once it was sent, and says why it was not taken", async () => {
    gateway([], OWED, REFUSED);
    const { signalling } = await shown("I", "measured", "it.");
    await userEvent.click(screen.getByRole("button", { name: /Done/ }));
    expect(await screen.findByText(/The answer was not taken/)).toBeVisible();
    expect(screen.getByText(/has stopped listening/)).toBeVisible();
    expect(signalling.say.mock.calls.map(([, phase]) => phase)).toEqual(["listening", "done"]);
  });

  it("takes the keyboard to a trouble when it comes, and back when it is over", async () => {
    gateway();
    const { live, streams } = await shown("One");
    screen.getByRole("button", { name: "I need a moment" }).focus();
    act(() => void streams[0]?.tracks[0]?.dispatchEvent(new Event("ended")));
    const trouble = screen.getByText("The microphone is gone").closest(".notice");
    expect(trouble).toHaveFocus();
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(screen.getByRole("region", { name: "What Viva understands" })).toHaveFocus();
    live("peer_status", { peer_id: "peer 1", state: "closed", reason: "TAKEN_OVER" });
    expect(screen.getByText("The voice goes on elsewhere").closest(".notice")).toHaveFocus();
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
