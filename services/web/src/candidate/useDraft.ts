/** The keeper of an answer's text, while its question is shown. */
import { useEffect, useRef, useState } from "react";
import { saveDraft, type Turn } from "../api/interview";
import { DraftKeeper } from "./draft";
import { useLookAgain } from "./interviewState";
import { deviceStorage } from "./onDevice";
import { passagesIn } from "./voice/spoken";

/** Keeps what is typed about a turn, on this device and on the server. */
export function useDraft(turn: Turn): DraftKeeper {
  const lookAgain = useLookAgain();
  const heard = useRef(turn.answer);
  heard.current = turn.answer;
  const [keeper] = useState(() => {
    const server = { text: turn.answer?.draft ?? "", revision: turn.answer?.draft_revision ?? 0 };
    const save = (text: string, revision: number, taken: number | null) =>
      saveDraft(turn.turn_id, text, revision, heard.current && passagesIn(heard.current, text, taken));
    return new DraftKeeper(turn.turn_id, server, save, deviceStorage(), lookAgain);
  });
  useEffect(() => {
    keeper.open();
    window.addEventListener("storage", keeper.heard);
    window.addEventListener("online", keeper.retry);
    return () => {
      window.removeEventListener("storage", keeper.heard);
      window.removeEventListener("online", keeper.retry);
      keeper.close(false);
    };
  }, [keeper]);
  return keeper;
}
