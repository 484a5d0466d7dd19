/** The candidate's interview as the pages see it: asked once, then told by the live socket. */
import { type UseQueryResult, useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useCallback, useContext, useEffect, useState, useSyncExternalStore } from "react";
import type { Interview } from "../api/interview";
import { LiveInterview, type LiveState } from "../api/live";
import { enter } from "./link";

const KEY = ["candidate", "interview"];

/** Whoever is here and their interview. */
export function useEntered(): UseQueryResult<Interview> {
  const queries = useQueryClient();
  useEffect(() => {
    // Another link, pasted into the same tab.
    const changed = () => {
      if (window.location.hash.length > 20) void queries.resetQueries({ queryKey: KEY });
    };
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, [queries]);
  return useQuery({ queryKey: KEY, queryFn: enter, staleTime: Number.POSITIVE_INFINITY });
}

/** Take in what a request or the socket told; an older state than the one that is shown is dropped. */
export function useTakeIn(): (interview: Interview) => void {
  const queries = useQueryClient();
  return useCallback(
    (interview) =>
      queries.setQueryData<Interview>(KEY, (shown) =>
        shown?.interview_id === interview.interview_id && shown.sequence > interview.sequence
          ? shown
          : interview,
      ),
    [queries],
  );
}

/** Ask again how the interview stands. */
export function useLookAgain(): () => void {
  const queries = useQueryClient();
  return useCallback(() => void queries.invalidateQueries({ queryKey: KEY }), [queries]);
}

const QUIET: LiveState = { line: "connecting", writing: null, ahead: 0 };
export const LiveContext = createContext<LiveState>(QUIET);

/** What the live socket tells. */
export function useLive(): LiveState {
  return useContext(LiveContext);
}

/** Follow the interview live while the component is there. */
export function useFollowing(interviewId: string): LiveState {
  const takeIn = useTakeIn();
  const lookAgain = useLookAgain();
  const [live, setLive] = useState<LiveInterview | null>(null);
  useEffect(() => {
    const made = new LiveInterview(interviewId, takeIn, lookAgain);
    made.open();
    setLive(made);
    return () => made.close();
  }, [interviewId, takeIn, lookAgain]);
  const subscribe = useCallback((listener: () => void) => live?.subscribe(listener) ?? (() => {}), [live]);
  return useSyncExternalStore(subscribe, () => live?.snapshot() ?? QUIET);
}
