import { describe, expect, it } from "vitest";
import type { Answer } from "../../api/interview";
import { message } from "./fakes";
import { isByEar } from "./SpokenDraft";
import { guess, heardText, joined, nothingGuessed, passagesIn, wordsFrom, wordsIn } from "./spoken";

const delta = (id: string, start: number, text: string, turn = "t1") =>
  message("transcript_delta", { turn_id: turn, utterance_id: id, start_seconds: start, text });
const final = (id: string) => message("transcript_final", { event: { turn_id: "t1", utterance_id: id } });
const answer = (...words: string[]) =>
  ({
    words: words.map((text) => ({ text, start_seconds: 0, end_seconds: 1, confidence: 1 })),
    passages: words.length === 0 ? [] : [{ first_word: 0, words: words.length }],
  }) as Answer;

describe("what is understood of the utterances under way", () => {
  it("is the newest guess of each, in the order they were spoken, until it is final", () => {
    const told = [
      delta("b", 4, "and"),
      delta("a", 1, "I mea"),
      delta("a", 1, "I measured"),
      delta("x", 9, "not mine", "t2"),
    ];
    const guesses = told.reduce(guess, nothingGuessed("t1"));
    expect(guesses.utterances.map((one) => one.text)).toEqual(["I measured", "and"]);
    expect(guess(guesses, final("a")).utterances.map((one) => one.text)).toEqual(["and"]);
  });

  it("does not come back after its final, however late a guess is", () => {
    const guesses = [delta("a", 1, "I mea"), final("a"), delta("a", 1, "I measured")].reduce(
      guess,
      nothingGuessed("t1"),
    );
    expect(guesses.utterances).toEqual([]);
  });

  it("is not guessed when its final comes first", () => {
    const words = [{ text: "I", start_seconds: 1.2 }];
    const first = message("transcript_final", { event: { turn_id: "t1", utterance_id: "a", words } });
    expect([first, delta("a", 1, "I mea")].reduce(guess, nothingGuessed("t1")).utterances).toEqual([]);
  });

  it("goes when it could not be written down", () => {
    const gap = message("transcript_gap", { event: { turn_id: "t1", start_seconds: 1, end_seconds: 3 } });
    expect([delta("a", 1, "I mea"), gap].reduce(guess, nothingGuessed("t1")).utterances).toEqual([]);
  });
});

describe("words that were heard", () => {
  it("follow what is typed", () => {
    expect(joined("", "I measured")).toBe("I measured");
    expect(joined("First. ", "I measured")).toBe("First. I measured");
    expect(joined("First.", "")).toBe("First.");
    expect(heardText(answer("I", "measured"))).toBe("I measured");
    expect(wordsFrom(answer("I", "measured", "it"), 2)).toBe("it");
  });

  it("are found in a text of which nobody knows how many it holds; in doubt they are not", () => {
    const said = answer("I", "measured", "it", "twice.");
    expect(wordsIn(said, "I measured it twice.")).toBe(4);
    expect(wordsIn(said, "First.  I measured it\n twice. Then I mended it.")).toBe(4);
    expect(wordsIn(said, "I measured it and went on")).toBe(3);
    expect(wordsIn(said, "I think so")).toBe(0);
    expect(wordsIn(said, "I measured itself")).toBe(0);
    expect(wordsIn(answer("I"), "I")).toBe(1);
  });

  it("are the answer while no hand has changed them", () => {
    expect(isByEar(answer("I", "measured"), "")).toBe(true);
    expect(isByEar(answer("I", "measured"), "I measured ")).toBe(true);
    expect(isByEar(answer("I", "measured"), "I measured it")).toBe(false);
    expect(isByEar(answer(), "I measured")).toBe(false);
  });
});

describe("how many passages are in a text", () => {
  const three = {
    words: ["I", "measured", "twice", "it"].map((text) => ({
      text,
      start_seconds: 0,
      end_seconds: 1,
      confidence: 1,
    })),
    // The last word was spoken before the third, and came after it.
    passages: [
      { first_word: 0, words: 2 },
      { first_word: 2, words: 1 },
      { first_word: 3, words: 1 },
    ],
  } as Answer;

  it("is as many as its words fill, as they came; one that is in it in part is to come", () => {
    expect([0, 1, 2, 3, 4].map((taken) => passagesIn(three, "Mine.", taken))).toEqual([0, 0, 1, 2, 3]);
    expect(passagesIn(three, "", 2)).toBe(1);
  });

  it("is read from the text where nobody has counted, and told of none while the answer is what is heard", () => {
    expect(passagesIn(three, "I measured twice it, and more", null)).toBe(2);
    expect(passagesIn(three, "Mine.", null)).toBe(0);
    expect(passagesIn(three, "", null)).toBeNull();
  });
});
