/** The text of an answer that is spoken and typed, while its question is shown. */
import { useEffect, useState } from "react";
import type { Answer } from "../../api/interview";
import type { DraftKeeper } from "../draft";
import { SpokenDraft } from "./SpokenDraft";

/** Takes in what is heard, as the interview tells it. */
export function useSpoken(answer: Answer, keeper: DraftKeeper): SpokenDraft {
  const [spoken] = useState(() => new SpokenDraft(keeper, answer));
  useEffect(() => spoken.hears(answer), [spoken, answer]);
  return spoken;
}
