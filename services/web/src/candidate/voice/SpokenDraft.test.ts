import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Answer } from "../../api/interview";
import { DraftKeeper } from "../draft";
import { SpokenDraft, shownText } from "./SpokenDraft";

const answer = (...words: string[]) =>
  ({
    words: words.map((text) => ({ text, start_seconds: 0, end_seconds: 1, confidence: 1 })),
    passages: words.length === 0 ? [] : [{ first_word: 0, words: words.length }],
  }) as Answer;

/** Of passages in the order in which they came, each with when it was spoken. */
function passages(...came: [number, string][]): Answer {
  const spoken = [...came].sort(([one], [other]) => one - other);
  const before = (start: number) =>
    spoken.filter(([at]) => at < start).flatMap(([, text]) => text.split(" ")).length;
  return {
    ...answer(...spoken.flatMap(([, text]) => text.split(" "))),
    passages: came.map(([start, text]) => ({ first_word: before(start), words: text.split(" ").length })),
  };
}

/** A tab in which the answer is shown; `server`: the draft that the server keeps. */
function tab(heard: Answer, server = "") {
  const copy = { text: server, revision: server === "" ? 0 : 4 };
  const keeper = new DraftKeeper("t1", copy, vi.fn(), localStorage, vi.fn());
  const spoken = new SpokenDraft(keeper, heard);
  spoken.hears(heard);
  return { keeper, spoken, text: () => keeper.state.text };
}

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
});

describe("an answer that is spoken and typed", () => {
  it("holds no word twice when it goes on in another tab, or on another device", () => {
    const first = tab(answer("I", "measured", "it."));
    first.spoken.write();
    first.spoken.type("I measured it. Twice.");
    const heard = answer("I", "measured", "it.", "And", "more.");
    const second = tab(heard);
    second.spoken.speak();
    expect(second.text()).toBe("I measured it. Twice. And more.");
    localStorage.clear();
    const phone = tab(heard, "I measured it. Twice.");
    phone.spoken.speak();
    expect(phone.text()).toBe("I measured it. Twice. And more.");
  });

  it("takes what is heard late in where it was said, before what was typed after it", () => {
    const { spoken, text } = tab(answer("I"));
    spoken.write();
    spoken.type("I Then I mended it.");
    spoken.hears(answer("I", "measured", "it."));
    expect(text()).toBe("I measured it. Then I mended it.");
    spoken.hears(answer("I", "measured", "it.", "Twice."));
    expect(text()).toBe("I measured it. Twice. Then I mended it.");
  });

  it("adds it at the end of a text that was changed before that place, and of one that was typed before", () => {
    const changed = tab(answer("I"));
    changed.spoken.write();
    changed.spoken.type("We");
    changed.spoken.hears(answer("I", "measured"));
    expect(changed.text()).toBe("We measured");
    localStorage.clear();
    const before = tab(answer());
    before.spoken.type("Typed.");
    before.spoken.speak();
    before.spoken.hears(answer("And"));
    expect(before.text()).toBe("Typed. And");
  });

  it("changes nothing under a character that is being composed", () => {
    const { spoken, text } = tab(answer("측정했습니다."));
    spoken.write();
    spoken.compose(true);
    spoken.type("측정했습니다. 그ㄹ");
    spoken.hears(answer("측정했습니다.", "두", "번."));
    expect(text()).toBe("측정했습니다. 그ㄹ");
    spoken.type("측정했습니다. 그리");
    spoken.compose(false);
    expect(text()).toBe("측정했습니다. 두 번. 그리");
  });

  it("reads like what was heard until a hand changes it, and is left to the other tab until then", () => {
    const { spoken, keeper } = tab(answer("I", "measured"));
    const shown = () => shownText(spoken.answer, keeper.state);
    expect(shown()).toBe("I measured");
    spoken.hears(answer("I", "measured", "it."));
    expect(shown()).toBe("I measured it.");
    expect(keeper.state.kept).toBe("empty");
    spoken.type("");
    expect(shown()).toBe("");
  });

  it("is what was heard when nothing was typed, and nothing when a hand has struck it out", () => {
    const heard = answer("I", "measured");
    const { spoken } = tab(heard);
    expect(spoken.closed(heard, "text")).toEqual({ text: "", modality: "voice", passagesSeen: 1 });
    spoken.type("");
    expect(spoken.closed(heard, "voice")).toEqual({ text: "", modality: "text", passagesSeen: 1 });
  });

  it("tells with the text how many passages it was written after", () => {
    const none = tab(answer());
    none.spoken.type("Typed.");
    expect(none.spoken.closed(answer(), "text")).toEqual({
      text: "Typed.",
      modality: "text",
      passagesSeen: 0,
    });
    const two = passages([0, "And"], [9, "more."]);
    expect(none.spoken.closed(two, "text")).toEqual({
      text: "And more. Typed.",
      modality: "text",
      passagesSeen: 2,
    });
    none.spoken.hears(passages([0, "And"], [9, "more."], [20, "Twice."]));
    expect(none.spoken.closed(two, "text")).toEqual({
      text: "And more. Twice. Typed.",
      modality: "text",
      passagesSeen: 3,
    });
  });

  it("has each word once when a passage comes after one that was spoken later", () => {
    const { spoken, text } = tab(passages([9, "in two weeks."]));
    spoken.type("In two weeks.");
    const both = passages([9, "in two weeks."], [0, "I rebuilt the ledger"]);
    spoken.hears(both);
    expect(text()).toBe("In two weeks. I rebuilt the ledger");
    expect(spoken.closed(both, "text")).toEqual({
      text: "In two weeks. I rebuilt the ledger",
      modality: "text",
      passagesSeen: 2,
    });
    localStorage.clear();
    const phone = tab(both, "I rebuilt the ledger in two weeks. Twice.");
    phone.spoken.speak();
    expect(phone.text()).toBe("I rebuilt the ledger in two weeks. Twice.");
  });

  it("has a word once that comes while it is sent", () => {
    const { spoken, keeper } = tab(answer("And"));
    spoken.type("Typed. And");
    spoken.hears(answer("And", "more.")); // by the socket, and then the same by the request
    expect(spoken.closed(answer("And", "more."), "voice").text).toBe(keeper.state.text);
    expect(keeper.state.text).toBe("Typed. And more.");
  });
});
