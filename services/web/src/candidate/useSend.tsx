/** What a candidate sends goes out until it is taken: a server that is away is waited for, and the page says so. */
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Problem, problemOf } from "../api/problems";
import { Notice } from "../ui/Notice";
import { useLookAgain } from "./interviewState";
import { keep, kept } from "./onDevice";

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
  /** What was pressed, and not confirmed, when the page was loaded last. It is not pressed again by itself: who comes back
   * after an hour may not sit there ready. Null: nothing was, or something is under way now. */
  before: string | null;
}

/** Where on this device it is noted what was pressed, until it is taken or refused. */
export interface Pressed<V> {
  place: string;
  /** As the candidate knows it: the words of a button, the name of a file. */
  called: (what: V) => string;
}

/**
 * Sends until it is taken or refused, while the component is there.
 *
 * @param send must do no harm twice: a request whose answer got lost is made again.
 * @param taken is told what came of it.
 * @param more.refused is told of a refusal, and whether an earlier try may have been taken.
 * @param more.pressed where it is noted, so that the page can say after a reload what was not confirmed.
 */
export function useSend<R, V = void>(
  send: (what: V) => Promise<R>,
  taken: (result: R) => void,
  {
    refused,
    pressed,
  }: { refused?: (problem: Problem, mayBeTaken: boolean) => void; pressed?: Pressed<V> } = {},
): Sending<V> {
  const lookAgain = useLookAgain();
  const [before] = useState(() => (pressed === undefined ? null : kept(pressed.place)));
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
    onMutate: (what) => {
      lost.current = false;
      if (pressed !== undefined) keep(pressed.place, pressed.called(what));
    },
    onSettled: () => {
      if (pressed !== undefined) keep(pressed.place, null);
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
    before: sending.isIdle && typeof before === "string" ? before : null,
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

/** Says what was pressed before the page was loaded again, and is to be pressed once more. */
export function Unconfirmed({ of }: { of: { before: string | null } }) {
  const { t } = useTranslation();
  if (of.before === null) return null;
  return (
    <Notice tone="warn" title={t("send.before.title")} live>
      <p>{t("send.before.what", { button: of.before })}</p>
    </Notice>
  );
}
