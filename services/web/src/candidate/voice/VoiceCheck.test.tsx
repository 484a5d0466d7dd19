import { act, cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Interview } from "../../api/interview";
import { speak, startLanguages } from "../../i18n";
import type { DeviceTrouble } from "./devices";
import { fakeCall } from "./fakes";
import { sees, VoiceContext } from "./held";
import { VoiceCheck } from "./VoiceCheck";

beforeAll(startLanguages);
beforeEach(async () => {
  localStorage.clear();
  vi.stubGlobal("navigator", {
    mediaDevices: Object.assign(new EventTarget(), {
      enumerateDevices: async () => [
        { kind: "audioinput", deviceId: "first", label: "Headset" },
        { kind: "audioinput", deviceId: "second", label: "" },
        { kind: "videoinput", deviceId: "camera", label: "Camera" },
      ],
    }),
  });
  await speak("en", false);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function interview(mode: "hiring" | "practice", granted = true): Interview {
  const consents = [{ purpose: "expressions", granted, text_version: "1", recorded_at: null }];
  return { interview_id: "i", mode, language: "en", consents } as unknown as Interview;
}

async function shown(refusal: DeviceTrouble | null = null, of = interview("hiring")) {
  const made = fakeCall(refusal);
  await made.call.open(sees(of));
  const choose = vi.fn();
  const { container } = render(
    <VoiceContext.Provider value={{ modality: "voice", choose, call: made.call }}>
      <main>
        <h1>Prepare</h1>
        <VoiceCheck interview={of} />
      </main>
    </VoiceContext.Provider>,
  );
  await screen.findAllByRole("radio");
  return { ...made, choose, container };
}

describe("the check of microphone and network", () => {
  it("says that Viva hears when a voice has come through, and not before", async () => {
    const { peers, told, container } = await shown();
    act(() => peers[0]?.becomes("connected"));
    act(() => told("line_level", { peer_id: "peer 1", level_dbfs: -58, speaking: false, faults: [] }));
    expect(screen.queryByText(/Viva hears you/)).toBeNull();
    act(() => told("line_level", { peer_id: "peer 1", level_dbfs: -22, speaking: false, faults: [] }));
    expect(screen.getByText(/Viva hears you/)).toBeVisible();
    const { violations } = await axe.run(container, { rules: { "color-contrast": { enabled: false } } });
    expect(violations).toEqual([]);
  });

  it("lets another microphone be chosen, and tries that one", async () => {
    const { streams } = await shown();
    const choice = await screen.findByRole("combobox", { name: "Microphone" });
    expect(screen.getAllByRole("option").map((one) => one.textContent)).toEqual(["Headset", "Microphone 2"]);
    await userEvent.selectOptions(choice, "second");
    expect(localStorage.getItem("viva.microphone")).toBe("second");
    expect(streams).toHaveLength(2);
    expect(streams[0]?.tracks[0]?.stopped).toBe(true);
  });

  it.each([
    ["denied", "en", "The microphone is not allowed", true],
    ["missing", "ko", "마이크를 찾지 못했습니다", true],
    ["busy", "en", "The microphone is in use", true],
    ["unsupported", "ko", "이 브라우저에서는 말로 답할 수 없습니다", false],
    ["insecure", "en", "Voice needs a secure address", false],
  ] as const)("has words and the way on when it is %s (%s)", async (trouble, language, title, again) => {
    await speak(language, false);
    const { choose } = await shown(trouble);
    expect(screen.getByText(title)).toBeVisible();
    expect(
      screen.queryAllByRole("button", { name: language === "en" ? "Try again" : "다시 시도" }),
    ).toHaveLength(again ? 1 : 0);
    await userEvent.click(
      screen.getByRole("button", { name: language === "en" ? "Type instead" : "글로 답하기" }),
    );
    expect(choose).toHaveBeenCalledWith("text");
  });

  it("takes the keyboard to a trouble, and to the chosen way when it is over", async () => {
    const { call, streams, refused } = await shown();
    act(() => void streams[0]?.tracks[0]?.dispatchEvent(new Event("ended")));
    expect(screen.getByText("The microphone is gone").closest(".notice")).toHaveFocus();
    refused.trouble = "denied";
    await act(() => call.open());
    expect(screen.getByText("The microphone is not allowed").closest(".notice")).toHaveFocus();
    refused.trouble = null;
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(screen.getByRole("radio", { name: "By voice" })).toHaveFocus();
  });

  it("asks for a camera in practice with consent alone, and shows oneself", async () => {
    expect([sees(interview("hiring")), sees(interview("practice", false))]).toEqual([false, false]);
    const hiring = await shown();
    expect(hiring.streams[0]?.getVideoTracks()).toEqual([]);
    expect(screen.queryByText(/as the camera sees you/)).toBeNull();
    cleanup();
    await shown(null, interview("practice"));
    expect(screen.getByText(/as the camera sees you/)).toBeVisible();
  });
});
