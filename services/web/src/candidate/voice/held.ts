/** How the candidate answers, and the call while they answer by voice. What a call is made of is fetched with it. */
import { createContext, useCallback, useContext, useEffect, useState } from "react";
import type { Interview } from "../../api/interview";
import { saidIn } from "../consents";
import type { Listen } from "../interviewState";
import type { VoiceCall } from "./VoiceCall";

export type Modality = "text" | "voice";

export interface Voice {
  modality: Modality;
  choose: (modality: Modality) => void;
  /** Null in writing, and until it is fetched. */
  call: VoiceCall | null;
}

export const VoiceContext = createContext<Voice>({ modality: "text", choose: () => {}, call: null });

/** How the candidate answers. */
export function useVoice(): Voice {
  return useContext(VoiceContext);
}

/** Whether a camera is asked for: in practice alone, and with consent. */
export function sees(interview: Interview): boolean {
  return interview.mode === "practice" && saidIn(interview).get("expressions") === true;
}

/** Hold the call while the candidate answers by voice and is `talking`: on a page where they speak. */
export function useHeldVoice(interview: Interview, talking: boolean, listen: Listen): Voice {
  const [modality, choose] = useModality(interview.interview_id);
  const [call, setCall] = useState<VoiceCall | null>(null);
  const speaks = talking && modality === "voice";
  const camera = sees(interview);
  useEffect(() => {
    if (!speaks) return;
    let made: VoiceCall | null = null;
    let gone = false;
    const open = async () => {
      const { createCall } = await import("./VoiceCall");
      if (gone) return;
      made = createCall();
      setCall(made);
      await made.open(camera);
    };
    // What could not be fetched cannot be spoken with: the line above the page says that it is gone.
    open().catch(() => choose("text"));
    return () => {
      gone = true;
      made?.close();
      setCall(null);
    };
  }, [speaks, camera, choose]);
  useEffect(() => (call === null ? undefined : listen((message) => call.read(message))), [call, listen]);
  return { modality, choose, call };
}

/** Kept in this tab over a reload: another tab must not take the voice away by being opened. */
function useModality(interviewId: string): [Modality, (modality: Modality) => void] {
  const [modality, setModality] = useState<Modality>(() => {
    try {
      return sessionStorage.getItem("viva.voice") === interviewId ? "voice" : "text";
    } catch {
      return "text";
    }
  });
  const choose = useCallback(
    (chosen: Modality) => {
      try {
        if (chosen === "voice") sessionStorage.setItem("viva.voice", interviewId);
        else sessionStorage.removeItem("viva.voice");
      } catch {
        // A reload then begins in writing.
      }
      setModality(chosen);
    },
    [interviewId],
  );
  return [modality, choose];
}
