/** Parts of the pages that are fetched when they are needed. A server that is away is waited for, and the page says so. */
import { useSyncExternalStore } from "react";

const EACH = 1500;
const RELOADED = "viva.reloaded";
/** Milliseconds within which a page that loads itself again does so once. */
const ONCE_IN = 60_000;

let waiting = 0;
const listeners = new Set<() => void>();

function wait(change: 1 | -1): void {
  waiting += change;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether a part of the page waits for a server that is away. */
export function useWaiting(): boolean {
  return useSyncExternalStore(subscribe, () => waiting > 0);
}

async function answers(): Promise<boolean> {
  try {
    const { status } = await fetch("/healthz", { cache: "no-store" });
    return status < 502 || status > 504;
  } catch {
    return false;
  }
}

/**
 * What `load` imports, once the server is there to give it; loaded is loaded, so it may be asked again and again.
 *
 * Where the server answers and the part does not come, the pages are older than the server: the page loads itself again,
 * once, since all that was typed is kept on this device. Throws what `load` threw when that did not help.
 */
export async function fetched<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch {
    wait(1);
  }
  try {
    for (;;) {
      const there = await answers();
      if (there) mendSheets();
      try {
        return await load();
      } catch (error) {
        if (there && (await answers())) return await newer<T>(error);
      }
      await new Promise((resolve) => setTimeout(resolve, EACH));
    }
  } finally {
    wait(-1);
  }
}

/** A style sheet that could not be fetched is not asked for again by itself. */
function mendSheets(): void {
  for (const link of document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet]")) {
    if (link.sheet === null) link.replaceWith(link.cloneNode());
  }
}

async function newer<T>(error: unknown): Promise<T> {
  let before: number;
  try {
    before = Number(sessionStorage.getItem(RELOADED) ?? 0);
    sessionStorage.setItem(RELOADED, String(Date.now()));
  } catch {
    throw error;
  }
  if (Date.now() - before < ONCE_IN) throw error;
  window.location.reload();
  return new Promise(() => {});
}

/** A part that does not come although the server answers is asked for when it is needed, and says then what is wrong. */
async function early(part: () => Promise<unknown>, gone: () => boolean): Promise<void> {
  while (!gone()) {
    try {
      await part();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, EACH));
      if (!(await answers())) continue;
      mendSheets();
      await part().catch(() => {});
      return;
    }
  }
}

/** Fetch parts before they are needed, one after the other, once the page is painted and idle. */
export function fetchAhead(parts: readonly (() => Promise<unknown>)[]): () => void {
  let gone = false;
  const go = async () => {
    for (const part of parts) await early(part, () => gone);
  };
  const idle = window.requestIdleCallback ?? ((start: () => void) => setTimeout(start, EACH));
  // Two frames: the first of them has painted what is there.
  requestAnimationFrame(() => requestAnimationFrame(() => idle(() => void go())));
  return () => {
    gone = true;
  };
}
