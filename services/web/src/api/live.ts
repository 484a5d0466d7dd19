/** The live socket of an interview: what happens, and questions while they are written. It comes back by itself. */
import type { Interview } from "./interview";

export type Line = "connecting" | "live" | "lost";

/** What the socket has told; `writing` is the question that is being written. */
export interface LiveState {
  line: Line;
  writing: { turnId: string; text: string } | null;
  /** The server's clock less ours, milliseconds. */
  ahead: number;
}

interface Message {
  type: string;
  id: number | null;
  data: Record<string, unknown>;
}

const PAUSES = [200, 500, 1000, 2000, 4000];
const SILENT_BEATS = 2.5;

export class LiveInterview {
  state: LiveState = { line: "connecting", writing: null, ahead: 0 };
  private socket: WebSocket | null = null;
  private listeners = new Set<() => void>();
  private lastEvent: number | null = null;
  private failures = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private beat = 15_000;
  private ended = false;

  /**
   * @param interviewId whose.
   * @param onInterview is told each newer state of the interview.
   * @param onLost the connection is gone: somebody may look whether the session still holds.
   */
  constructor(
    private readonly interviewId: string,
    private readonly onInterview: (interview: Interview) => void,
    private readonly onLost: () => void,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): LiveState => this.state;

  /** Connect, and again whenever the line breaks. */
  open(): void {
    this.ended = false;
    window.addEventListener("online", this.now);
    window.addEventListener("offline", this.cut);
    document.addEventListener("visibilitychange", this.seen);
    this.connect();
  }

  /** Stop for good. */
  close(): void {
    this.ended = true;
    window.removeEventListener("online", this.now);
    window.removeEventListener("offline", this.cut);
    document.removeEventListener("visibilitychange", this.seen);
    clearTimeout(this.retry);
    clearTimeout(this.watchdog);
    this.socket?.close();
  }

  private connect(): void {
    const url = new URL(`/api/v1/interviews/${this.interviewId}/live`, window.location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    if (this.lastEvent !== null) url.searchParams.set("last_event_id", String(this.lastEvent));
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.socket) this.read(JSON.parse(String(data)) as Message);
    });
    socket.addEventListener("close", () => {
      if (socket === this.socket) this.broken();
    });
  }

  private read(message: Message): void {
    this.failures = 0;
    this.awaitBeat();
    if (message.id !== null) this.lastEvent = message.id;
    if (message.type === "hello") {
      const { heartbeat_seconds, at, resume_from } = message.data;
      this.beat = Number(heartbeat_seconds) * 1000 || this.beat;
      this.lastEvent = Number(resume_from);
      this.tell({ line: "live", ahead: new Date(String(at)).getTime() - Date.now() });
    } else if (message.type === "status") {
      this.tell({ line: message.data.connected === false ? "lost" : "live" });
    } else if (message.type === "question_delta") {
      this.tell({ writing: { turnId: String(message.data.turn_id), text: String(message.data.text) } });
    } else if (message.id !== null && this.state.line !== "live") {
      this.tell({ line: "live" });
    }
    const interview = message.data.interview as Interview | null | undefined;
    if (interview) this.onInterview(interview);
  }

  private broken(): void {
    clearTimeout(this.watchdog);
    this.socket = null;
    if (this.ended) return;
    this.failures += 1;
    if (this.failures > 1 || !navigator.onLine) this.tell({ line: "lost" });
    this.onLost();
    const pause = PAUSES[Math.min(this.failures, PAUSES.length) - 1] ?? 4000;
    this.retry = setTimeout(() => this.connect(), pause * (0.75 + Math.random() / 2));
  }

  /** Silence for longer than heartbeats allow is a line that broke without saying so. */
  private awaitBeat(): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(this.cut, this.beat * SILENT_BEATS);
  }

  private readonly cut = (): void => {
    const socket = this.socket;
    if (socket === null) return;
    socket.close();
    this.failures = Math.max(this.failures, 1);
    this.broken();
  };

  private readonly now = (): void => {
    if (this.socket !== null) return;
    clearTimeout(this.retry);
    this.connect();
  };

  private readonly seen = (): void => {
    if (document.visibilityState === "visible") this.now();
  };

  private tell(changes: Partial<LiveState>): void {
    this.state = { ...this.state, ...changes };
    for (const listener of this.listeners) listener();
  }
}
