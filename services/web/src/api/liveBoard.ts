/** The live board of a position: rows of candidates as they change. */
import type { CandidateRow } from "./candidates";
import type { Line } from "./live";
import { LiveSocket, type Message } from "./socket";

interface Told {
  rows: (rows: CandidateRow[]) => void;
  line: (line: Line) => void;
  /** The connection is gone: somebody may look whether the session still holds. */
  lost: () => void;
}

export class LiveBoard {
  private readonly socket: LiveSocket;

  /**
   * @param positionId whose candidates.
   * @param after `changes_after` of the list that is shown: nothing after it is missed.
   */
  constructor(
    private readonly positionId: string,
    private after: string,
    private readonly told: Told,
  ) {
    this.socket = new LiveSocket({
      address: () => `/api/v1/candidates/live?position_id=${this.positionId}&after=${this.after}`,
      message: (message) => this.read(message),
      broken: (failures) => {
        if (failures > 1 || !navigator.onLine) told.line("lost");
        told.lost();
      },
    });
  }

  /** Connect, and again whenever the line breaks. */
  open(): void {
    this.socket.open();
  }

  /** Stop for good. */
  close(): void {
    this.socket.close();
  }

  private read(message: Message): void {
    if (message.type === "status") {
      this.told.line(message.data.connected === false ? "lost" : "live");
      return;
    }
    if (message.type === "hello" || message.type === "candidates") {
      if (message.data.after !== undefined) this.after = String(message.data.after);
      this.told.line("live");
    }
    if (message.type === "candidates") this.told.rows(message.data.items as CandidateRow[]);
  }
}
