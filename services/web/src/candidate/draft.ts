/** Keeps an answer while it is typed: on this device at once, on the server each second. */
import { ANSWER_MOST } from "../api/interview";
import { Problem } from "../api/problems";

export type Kept = "empty" | "saved" | "saving" | "offline" | "long";

const EACH = 1000;
const AGAIN = 3000;

interface Copy {
  text: string;
  revision: number;
}

/** On this device. `typed`: when, in milliseconds since 1970. */
interface LocalCopy extends Copy {
  taken: number | null;
  typed: number;
}

export interface DraftState {
  text: string;
  kept: Kept;
  /** How many of the words that were heard are in the text, kept with it on this device. Null: nobody has counted. */
  taken: number | null;
}

export class DraftKeeper {
  state: DraftState;
  private revision: number;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private saving = false;
  private dirty = false;
  private held = false;
  /** When the text was typed, in whichever tab: of two tabs the later words count, not those that arrive later. */
  private typed: number;
  private closed = false;
  private listeners = new Set<() => void>();
  private readonly key: string;

  /**
   * @param turnId of the answer.
   * @param server what the server keeps.
   * @param save sends a revision, with how many of the heard words are in it, and answers with the one that is kept.
   * @param storage of this device.
   * @param onRefused the answer takes no drafts any more.
   */
  constructor(
    turnId: string,
    server: Copy,
    private readonly save: (text: string, revision: number, taken: number | null) => Promise<number>,
    private readonly storage: Storage | null,
    private readonly onRefused: () => void,
  ) {
    this.key = `viva.draft.${turnId}`;
    const local = this.read();
    this.revision = server.revision;
    const unsent = local !== null && local.revision > server.revision && local.text !== server.text;
    const text = unsent ? local.text : server.text;
    const taken = local !== null && local.text === text ? local.taken : null;
    this.typed = local !== null && local.text === text ? local.typed : 0;
    this.state = { text, kept: text === "" ? "empty" : "saved", taken };
    if (unsent) this.type(text);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): DraftState => this.state;

  /** The answer reads so now, with so many of the heard words in it. */
  type(text: string, taken = this.state.taken): void {
    this.dirty = true;
    this.typed = Date.now();
    this.write(text, taken);
    if (text.length > ANSWER_MOST) {
      clearTimeout(this.timer);
      this.timer = undefined;
      this.tell({ text, taken, kept: "long" });
      return;
    }
    this.tell({ text, taken, kept: this.state.kept === "offline" ? "offline" : "saving" });
    this.later(EACH);
  }

  /** So many of the heard words are in the text as it stands. */
  count(taken: number | null): void {
    this.write(this.state.text, taken);
    this.tell({ taken });
  }

  /** The answer is being sent as it stands: another tab changes it no more, until it is let go. */
  hold(held: boolean): void {
    this.held = held;
  }

  /** Another tab wrote: show it, unless this one was typed in since. Whoever typed last keeps it on the server. */
  readonly heard = (event: StorageEvent): void => {
    if (event.key !== this.key || event.newValue === null || this.held) return;
    const copy = this.read();
    if (copy === null || copy.typed < this.typed || (this.dirty && copy.typed === this.typed)) return;
    this.dirty = false;
    this.typed = copy.typed;
    this.revision = Math.max(this.revision, copy.revision);
    this.tell({ text: copy.text, taken: copy.taken, kept: "saved" });
  };

  /** The network is back. */
  readonly retry = (): void => {
    if (this.dirty && this.state.kept !== "long") this.later(0);
  };

  /** Begin, and again after `close`: what was not sent goes out. */
  open(): void {
    this.closed = false;
    this.retry();
  }

  /** It is sent, or somebody else's turn. `forget`: nothing stays on this device. */
  close(forget: boolean): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.timer = undefined;
    try {
      if (forget) this.storage?.removeItem(this.key);
    } catch {
      // Nothing was kept, so nothing stays.
    }
  }

  private later(wait: number): void {
    if (wait === 0) clearTimeout(this.timer);
    else if (this.timer !== undefined) return;
    this.timer = setTimeout(() => void this.send(), wait);
  }

  private async send(): Promise<void> {
    this.timer = undefined;
    if (this.closed || this.saving || !this.dirty) return;
    this.saving = true;
    const { text, taken } = this.state;
    this.dirty = false;
    const revision = this.revision + 1;
    try {
      const kept = await this.save(text, revision, taken);
      this.saving = false;
      this.revision = Math.max(revision, kept);
      // A higher number is another tab's: what is typed here was dropped there, so it goes out once more.
      if (kept > revision) this.dirty = true;
      if (this.closed) return;
      this.write(this.state.text, this.state.taken);
      if (this.dirty) this.later(EACH);
      else this.tell({ kept: text === "" ? "empty" : "saved" });
    } catch (error) {
      this.saving = false;
      this.dirty = true;
      if (this.closed) return;
      if (error instanceof Problem && !error.passing) {
        this.onRefused();
        return;
      }
      this.tell({ kept: "offline" });
      this.later(AGAIN);
    }
  }

  private read(): LocalCopy | null {
    try {
      const kept: unknown = JSON.parse(this.storage?.getItem(this.key) ?? "null");
      if (typeof kept !== "object" || kept === null) return null;
      const { text, revision, taken, typed } = kept as Record<string, unknown>;
      if (typeof text !== "string" || typeof revision !== "number") return null;
      return {
        text,
        revision,
        taken: typeof taken === "number" ? taken : null,
        typed: typeof typed === "number" ? typed : 0,
      };
    } catch {
      return null;
    }
  }

  private write(text: string, taken: number | null): void {
    try {
      const revision = this.revision + (this.dirty ? 1 : 0);
      const copy = { text, revision, taken: taken ?? undefined, typed: this.typed };
      this.storage?.setItem(this.key, JSON.stringify(copy));
    } catch {
      // Full, or not allowed: the server's copy is the one that counts.
    }
  }

  private tell(changes: Partial<DraftState>): void {
    this.state = { ...this.state, ...changes };
    for (const listener of this.listeners) listener();
  }
}
