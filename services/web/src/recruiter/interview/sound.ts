/** Which stretch of which recorded answer the reader wants to hear. */
import { createContext, useCallback, useContext, useState } from "react";

export interface Stretch {
  turnId: string;
  /** Seconds from the start of the answer. */
  from: number;
  /** Where it ends; null: where the answer does. */
  to: number | null;
}

export interface Sound {
  wanted: Stretch | null;
  /** Each call is heard, the same stretch again too. */
  hear: (stretch: Stretch) => void;
}

/** Null where nothing was recorded. */
export const SoundContext = createContext<Sound | null>(null);

export function useSound(): Sound | null {
  return useContext(SoundContext);
}

/** The state behind the context. */
export function useSoundState(): Sound {
  const [wanted, setWanted] = useState<Stretch | null>(null);
  return { wanted, hear: useCallback((stretch: Stretch) => setWanted({ ...stretch }), []) };
}
