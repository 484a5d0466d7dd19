/** The candidate's interview as the pages see it: asked once, then told by the live socket. */
import { type UseQueryResult, useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useCallback, useContext, useEffect, useState, useSyncExternalStore } from "react";
import type { Interview } from "../api/interview";
import { LiveInterview, type LiveState } from "../api/live";
import type { Message } from "../api/socket";
import { entered } from "./link";

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
  return useQuery({ queryKey: KEY, queryFn: entered, staleTime: Number.POSITIVE_INFINITY });
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

/** Be told each message of the live socket until what is returned is called. */
export type Listen = (hearer: (message: Message) => void) => () => void;
export const ListenContext = createContext<Listen>(() => () => {});

/** Be told what the live socket tells, message by message. `hearer` must be stable. */
export function useMessages(hearer: (message: Message) => void): void {
  const listen = useContext(ListenContext);
  useEffect(() => listen(hearer), [listen, hearer]);
}

/** Follow the interview live while the component is there. */
export function useFollowing(interviewId: string): { live: LiveState; listen: Listen } {
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
  const listen = useCallback<Listen>((hearer) => live?.listen(hearer) ?? (() => {}), [live]);
  return { live: useSyncExternalStore(subscribe, () => live?.snapshot() ?? QUIET), listen };
}
