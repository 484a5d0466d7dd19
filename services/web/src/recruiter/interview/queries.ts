/** What is asked of one interview. Everything below ["interviews", id] is asked again when the interview changes. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { getInterview, getReport, type Interview, listReviews } from "../../api/interviews";
import { LiveInterview } from "../../api/live";

/** One interview with its turns. */
export function useInterview(interviewId: string) {
  return useQuery({ queryKey: ["interviews", interviewId], queryFn: () => getInterview(interviewId) });
}

/** Whether there is a report on it. */
export function isReported({ state }: Pick<Interview, "state">): boolean {
  return state === "reported" || state === "decided";
}

/** The report; only asked for once there is one. */
export function useReport(interview: Interview) {
  const id = interview.interview_id;
  return useQuery({
    queryKey: ["interviews", id, "report"],
    queryFn: () => getReport(id),
    enabled: isReported(interview),
  });
}

/** What persons decided. */
export function useReviews(interviewId: string) {
  return useQuery({
    queryKey: ["interviews", interviewId, "reviews"],
    queryFn: () => listReviews(interviewId),
  });
}

/** Ask again for everything about the interview. */
export function useLookAgain(interviewId: string): () => Promise<void> {
  const queries = useQueryClient();
  return useCallback(
    () => queries.invalidateQueries({ queryKey: ["interviews", interviewId] }),
    [queries, interviewId],
  );
}

/** Look again whenever the live socket tells of a change, while the component is there. */
export function useFollowing(interview: Interview): void {
  const id = interview.interview_id;
  const lookAgain = useLookAgain(id);
  const shown = useRef(interview.sequence);
  shown.current = interview.sequence;
  useEffect(() => {
    const live = new LiveInterview(
      id,
      (told) => {
        if (told.sequence > shown.current) void lookAgain();
      },
      () => {},
    );
    live.open();
    return () => live.close();
  }, [id, lookAgain]);
}
