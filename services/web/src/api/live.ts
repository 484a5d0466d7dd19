/** The live socket of an interview: what happens, and questions while they are written. */
import type { Interview } from "./interview";
import { LiveSocket, type Message } from "./socket";

export type Line = "connecting" | "live" | "lost";

/** What the socket has told; `writing` is the question that is being written. */
export interface LiveState {
  line: Line;
  writing: { turnId: string; text: string } | null;
  /** The server's clock less ours, milliseconds. */
  ahead: number;
}

export class LiveInterview {
  state: LiveState = { line: "connecting", writing: null, ahead: 0 };
  private readonly socket: LiveSocket;
  private readonly listeners = new Set<() => void>();
  private readonly hearers = new Set<(message: Message) => void>();
  private lastEvent: number | null = null;

  /**
   * @param interviewId whose.
   * @param onInterview is told each newer state of the interview.
   * @param onLost the connection is gone: somebody may look whether the session still holds.
   */
  constructor(
    private readonly interviewId: string,
    private readonly onInterview: (interview: Interview) => void,
    onLost: () => void,
  ) {
    this.socket = new LiveSocket({
      address: () => this.address(),
      message: (message) => this.read(message),
      broken: (failures) => {
        if (failures > 1 || !navigator.onLine) this.tell({ line: "lost" });
        onLost();
      },
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): LiveState => this.state;

  /** Be told each message as it comes. */
  readonly listen = (hearer: (message: Message) => void): (() => void) => {
    this.hearers.add(hearer);
    return () => this.hearers.delete(hearer);
  };

  /** Connect, and again whenever the line breaks. */
  open(): void {
    this.socket.open();
  }

  /** Stop for good. */
  close(): void {
    this.socket.close();
  }

  private address(): string {
    const path = `/api/v1/interviews/${this.interviewId}/live`;
    return this.lastEvent === null ? path : `${path}?last_event_id=${this.lastEvent}`;
  }

  private read(message: Message): void {
    if (message.id !== null) this.lastEvent = message.id;
    if (message.type === "hello") {
      const { at, resume_from } = message.data;
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
    for (const hearer of this.hearers) hearer(message);
  }

  private tell(changes: Partial<LiveState>): void {
    this.state = { ...this.state, ...changes };
    for (const listener of this.listeners) listener();
  }
}
