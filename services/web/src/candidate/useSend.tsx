/** What a candidate sends goes out until it is taken: a server that is away is waited for, and the page says so. */
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { type Problem, problemOf } from "../api/problems";
import { Notice } from "../ui/Notice";
import { useLookAgain } from "./interviewState";

/** Milliseconds between two tries. */
export const AGAIN = 2000;

/** Whether the same request may be taken later. */
export function passing(error: unknown): boolean {
  return problemOf(error).passing;
}

export interface Sending<V> {
  send: (what: V) => void;
  /** It is under way, or waits for the server. */
  busy: boolean;
  /** The server does not answer: it is tried again by itself. */
  waiting: boolean;
  /** It was refused; trying again by itself would not help. */
  problem: Problem | null;
}

/**
 * Sends until it is taken or refused, while the component is there.
 *
 * @param send must do no harm twice: a request whose answer got lost is made again.
 * @param taken is told what came of it.
 * @param refused is told of a refusal, and whether an earlier try may have been taken.
 */
export function useSend<R, V = void>(
  send: (what: V) => Promise<R>,
  taken: (result: R) => void,
  refused?: (problem: Problem, mayBeTaken: boolean) => void,
): Sending<V> {
  const lookAgain = useLookAgain();
  const here = useRef(true);
  const lost = useRef(false);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  const sending = useMutation({
    mutationFn: send,
    onMutate: () => {
      lost.current = false;
    },
    retry: (_, error) => {
      if (!passing(error) || !here.current) return false;
      lost.current = true;
      return true;
    },
    retryDelay: AGAIN,
    onSuccess: taken,
    onError: (error) => {
      const problem = problemOf(error);
      if (refused !== undefined) refused(problem, lost.current);
      // Without a session the page has words for it, and the way on.
      else if (problem.status === 401) lookAgain();
    },
  });
  return {
    send: (what) => {
      if (!sending.isPending) sending.mutate(what);
    },
    busy: sending.isPending,
    waiting: sending.isPending && sending.failureCount > 0,
    problem: sending.error === null ? null : problemOf(sending.error),
  };
}

/** Says that what was sent waits for the server. */
export function Waiting({ of }: { of: { waiting: boolean } }) {
  const { t } = useTranslation();
  if (!of.waiting) return null;
  return (
    <Notice tone="warn" title={t("send.waiting.title")} live>
      <p>{t("send.waiting.what")}</p>
    </Notice>
  );
}
