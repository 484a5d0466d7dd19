/** An answer that is spoken and typed: once a word is typed the text counts, and what is heard is added to it. */
import { useCallback, useEffect, useState } from "react";
import type { Answer, Turn } from "../../api/interview";
import type { DraftKeeper } from "../draft";
import { heardText, joined, wordsFrom } from "./spoken";

export interface Spoken {
  /** The candidate types from now on: what was heard so far is put before them. */
  write: () => void;
  /** The candidate speaks again; what they typed stays. */
  speak: () => void;
  /** What is sent of an answer with that text beside it. */
  compose: (answer: Answer, text: string) => { text: string; modality: "text" | "voice" };
}

/** Keeps how many of the heard words are in the text; over a reload too. Null: there is no text. */
export function useSpoken(turn: Turn, keeper: DraftKeeper): Spoken {
  const [taken, setTaken] = useTaken(turn.turn_id);
  const { answer } = turn;
  const count = answer?.words.length ?? 0;
  useEffect(() => {
    if (answer === null || taken === null || count <= taken) return;
    keeper.type(joined(keeper.state.text, wordsFrom(answer, taken)));
    setTaken(count);
  }, [answer, count, taken, keeper, setTaken]);
  const write = () => {
    if (answer === null || taken !== null) return;
    if (count > 0) keeper.type(joined(keeper.state.text, heardText(answer)));
    setTaken(count);
  };
  const speak = () => {
    if (answer === null) return;
    const { text } = keeper.state;
    if (!isByEar(answer, text)) {
      setTaken(taken ?? 0);
    } else {
      if (text !== "") keeper.type("");
      setTaken(null);
    }
  };
  const compose = (now: Answer, text: string) =>
    isByEar(now, text)
      ? { text: "", modality: "voice" as const }
      : { text: joined(text, wordsFrom(now, taken ?? 0)), modality: "text" as const };
  return { write, speak, compose };
}

/** Whether the text is what was heard, and no hand's. */
export function isByEar(answer: Answer, text: string): boolean {
  const typed = text.trim();
  return typed === "" || (answer.words.length > 0 && typed === heardText(answer));
}

function useTaken(turnId: string): [number | null, (taken: number | null) => void] {
  const key = `viva.heard.${turnId}`;
  const [taken, setTaken] = useState<number | null>(() => {
    try {
      const kept = Number.parseInt(sessionStorage.getItem(key) ?? "", 10);
      return Number.isNaN(kept) ? null : kept;
    } catch {
      return null;
    }
  });
  const keep = useCallback(
    (next: number | null) => {
      try {
        if (next === null) sessionStorage.removeItem(key);
        else sessionStorage.setItem(key, String(next));
      } catch {
        // It holds until the page is left.
      }
      setTaken(next);
    },
    [key],
  );
  return [taken, keep];
}
