/** The call as components see it. */
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { useMessages } from "../interviewState";
import type { CallState } from "./callState";
import { listMicrophones } from "./devices";
import { type Guesses, guess, nothingGuessed } from "./spoken";
import type { VoiceCall } from "./VoiceCall";

/** How the call stands; null while it is fetched. */
export function useCallState(call: VoiceCall | null): CallState | null {
  const subscribe = useCallback((listener: () => void) => call?.subscribe(listener) ?? (() => {}), [call]);
  return useSyncExternalStore(subscribe, () => call?.snapshot() ?? null);
}

/** What is understood of the utterances under way. */
export function useGuesses(turnId: string): Guesses {
  const [guesses, setGuesses] = useState(() => nothingGuessed(turnId));
  useMessages(useCallback((message) => setGuesses((before) => guess(before, message)), []));
  return guesses;
}

/** The microphones of the device, as they come and go, once one is open. */
export function useMicrophones(stream: MediaStream | null): MediaDeviceInfo[] {
  const [microphones, setMicrophones] = useState<MediaDeviceInfo[]>([]);
  useEffect(() => {
    if (stream === null) return;
    const { mediaDevices } = navigator;
    let gone = false;
    const look = () => {
      listMicrophones().then(
        (found) => !gone && setMicrophones(found),
        () => {}, // nothing to choose from, then
      );
    };
    look();
    mediaDevices.addEventListener("devicechange", look);
    return () => {
      gone = true;
      mediaDevices.removeEventListener("devicechange", look);
    };
  }, [stream]);
  return microphones;
}
