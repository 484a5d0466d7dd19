import { useTranslation } from "react-i18next";
import type { InterviewState } from "../api/candidates";

const LOOKS: Record<InterviewState, string> = {
  invited: "",
  consented: "tag-accent",
  ready: "tag-accent",
  in_progress: "tag-accent",
  completed: "tag-ok",
  reported: "tag-ok",
  decided: "tag-ok",
  expired: "tag-warn",
  abandoned: "tag-warn",
  erased: "",
};

/** Where an interview is. */
export function InterviewStateTag({ state }: { state: InterviewState | null }) {
  const { t } = useTranslation();
  if (state === null) return null;
  return <span className={`tag ${LOOKS[state]}`}>{t(`recruiter.interviewStates.${state}`)}</span>;
}
