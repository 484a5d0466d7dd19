/** What a candidate wrote or chose and has not sent yet, on this device: a reload comes back to it. */
import { dropFiles } from "./keptFile";

const PREFIX = "viva.draft.";
const HERE = "viva.here";
const ATTEMPT = "viva.attempt";
/** Where a browser keeps nothing: until the page is left. */
const memory = new Map<string, string>();

/** Storage of this device; null where there is none. */
export function deviceStorage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

function read(key: string): string | null {
  try {
    return memory.get(key) ?? deviceStorage()?.getItem(key) ?? null;
  } catch {
    return null;
  }
}

function write(key: string, value: string | null): void {
  memory.delete(key);
  try {
    const storage = deviceStorage();
    if (value === null) storage?.removeItem(key);
    else if (storage !== null) storage.setItem(key, value);
    else memory.set(key, value);
  } catch {
    // Full, or not allowed: it lasts as long as the page.
    if (value !== null) memory.set(key, value);
  }
}

/** What is kept under a name; null where nothing is, or nothing that can be read. */
export function kept(name: string): unknown {
  try {
    return JSON.parse(read(PREFIX + name) ?? "null");
  } catch {
    return null;
  }
}

/** Keep it, or with null keep it no more. */
export function keep(name: string, value: unknown): void {
  write(PREFIX + name, value === null ? null : JSON.stringify(value));
}

/** An interview is open in this browser: whoever finds no session later had one. */
export function noteHere(): void {
  if (read(HERE) === null) write(HERE, "1");
  write(ATTEMPT, null);
}

/** What marks this device's tries to open a link as one attempt, until it is in: the answer to one may get lost. */
export function attempt(): string {
  const made = read(ATTEMPT) ?? crypto.randomUUID();
  write(ATTEMPT, made);
  return made;
}

/** Whether an interview was open in this browser before. */
export function wasHere(): boolean {
  return read(HERE) !== null;
}

/** Nothing of the candidate's stays on this device. */
export function forgetAll(): void {
  write(HERE, null);
  write(ATTEMPT, null);
  memory.clear();
  void dropFiles();
  try {
    const storage = deviceStorage();
    for (const key of Object.keys(storage ?? {})) if (key.startsWith(PREFIX)) storage?.removeItem(key);
  } catch {
    // Nothing could be kept there, so nothing stays.
  }
}
