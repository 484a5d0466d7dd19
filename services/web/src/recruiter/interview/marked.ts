/** Which quote the reader looks at: where its words are, and the button that the reader came from. */
import { createContext, useContext } from "react";
import type { Passage } from "./passages";

export interface Marked {
  turnId: string;
  passage: Passage;
  /** Counts up, so that the same quote, pressed again, is jumped to again. */
  count: number;
  back: () => void;
}

export interface Marking {
  marked: Marked | null;
  /** Jump to the words and mark them; `back` brings the reader to where they were. */
  mark: (turnId: string, passage: Passage, back: () => void) => void;
}

export const MarkingContext = createContext<Marking>({ marked: null, mark: () => {} });

export function useMarking(): Marking {
  return useContext(MarkingContext);
}
