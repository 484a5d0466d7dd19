/** The résumé a candidate chose, on this device until it has arrived: a reload sends it. The rest of what is kept there is
 * text, which the storage of `onDevice` takes; a file it would not. */
import { clear, createStore, del, get, set, type UseStore } from "idb-keyval";

let store: UseStore | undefined;

/** Opened when it is needed first; throws where a browser has none. */
function files(): UseStore {
  store ??= createStore("viva", "files");
  return store;
}

/** Full, or not allowed: then the file lasts as long as the page. */
async function tried<R>(work: () => Promise<R>): Promise<R | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}

/** As bytes: what a File refers to on the disk may be changed or gone when it is sent. */
interface Kept {
  name: string;
  type: string;
  bytes: ArrayBuffer;
}

/** Keep the file of an interview, in the place of any before. */
export async function keepFile(interviewId: string, file: File): Promise<void> {
  await tried(async () => {
    const bytes = await file.arrayBuffer();
    await set(interviewId, { name: file.name, type: file.type, bytes } satisfies Kept, files());
  });
}

/** What is kept for an interview; null where nothing is. */
export async function keptFile(interviewId: string): Promise<File | null> {
  const found = await tried(() => get<Kept>(interviewId, files()));
  return found === undefined ? null : new File([found.bytes], found.name, { type: found.type });
}

/** It has arrived, was refused, or is needed no more. */
export async function dropFile(interviewId: string): Promise<void> {
  await tried(() => del(interviewId, files()));
}

/** No file stays on this device. */
export async function dropFiles(): Promise<void> {
  await tried(() => clear(files()));
}
