/** How the candidate answers, and the call while they answer by voice. What a call is made of is fetched with it. */
import { createContext, useCallback, useContext, useEffect, useRef, useState } from "react";
import type { Interview } from "../../api/interview";
import { fetched } from "../../app/fetched";
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
  const held = useRef<VoiceCall | null>(null);
  const mine = useCallback(() => held.current?.state.trouble !== "elsewhere", []);
  const [modality, choose] = useModality(interview.interview_id, mine);
  const [call, setCall] = useState<VoiceCall | null>(null);
  const speaks = talking && modality === "voice";
  const camera = sees(interview);
  useEffect(() => {
    if (!speaks) return;
    let made: VoiceCall | null = null;
    let gone = false;
    const open = async () => {
      const { createCall } = await fetched(() => import("./VoiceCall"));
      if (gone) return;
      made = createCall();
      held.current = made;
      setCall(made);
      await made.open(camera);
    };
    // What could not be fetched cannot be spoken with: the line above the page says that it is gone.
    open().catch(() => choose("text"));
    return () => {
      gone = true;
      made?.close();
      held.current = null;
      setCall(null);
    };
  }, [speaks, camera, choose]);
  useEffect(() => (call === null ? undefined : listen((message) => call.read(message))), [call, listen]);
  return { modality, choose, call };
}

/** Kept in this tab over a reload, and only while the page is away: neither a tab that is opened or duplicated nor one
 * that was taken over must take the voice away unasked. `mine`: whether this tab has it. */
function useModality(interviewId: string, mine: () => boolean): [Modality, (modality: Modality) => void] {
  const [modality, choose] = useState<Modality>(() => (kept() === interviewId ? "voice" : "text"));
  const newest = useRef(modality);
  newest.current = modality;
  useEffect(() => {
    const stays = () => keep(null);
    const leaves = () => keep(newest.current === "voice" && mine() ? interviewId : null);
    stays();
    window.addEventListener("pagehide", leaves);
    window.addEventListener("pageshow", stays);
    return () => {
      window.removeEventListener("pagehide", leaves);
      window.removeEventListener("pageshow", stays);
      leaves();
    };
  }, [interviewId, mine]);
  return [modality, choose];
}

const KEPT = "viva.voice";

function kept(): string | null {
  try {
    return sessionStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function keep(interviewId: string | null): void {
  try {
    if (interviewId === null) sessionStorage.removeItem(KEPT);
    else sessionStorage.setItem(KEPT, interviewId);
  } catch {
    // A reload then begins in writing.
  }
}
