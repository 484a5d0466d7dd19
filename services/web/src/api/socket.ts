/** A socket of the gateway that comes back by itself, and notices a line that broke without saying so. */

export interface Message {
  type: string;
  /** Of what lasts; null for what is live only. */
  id: number | null;
  data: Record<string, unknown>;
}

interface Told {
  /** The path and query to connect to, asked at each connection. */
  address: () => string;
  message: (message: Message) => void;
  /** The line broke; `failures` in a row. It is tried again without being asked. */
  broken: (failures: number) => void;
}

const PAUSES = [200, 500, 1000, 2000, 4000];
const SILENT_BEATS = 2.5;

export class LiveSocket {
  private socket: WebSocket | null = null;
  private failures = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private beat = 15_000;
  private ended = false;

  constructor(private readonly told: Told) {}

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
    const url = new URL(this.told.address(), window.location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
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
    if (message.type === "hello") this.beat = Number(message.data.heartbeat_seconds) * 1000 || this.beat;
    this.awaitBeat();
    this.told.message(message);
  }

  private broken(): void {
    clearTimeout(this.watchdog);
    this.socket = null;
    if (this.ended) return;
    this.failures += 1;
    this.told.broken(this.failures);
    const pause = PAUSES[Math.min(this.failures, PAUSES.length) - 1] ?? 4000;
    this.retry = setTimeout(() => this.connect(), pause * (0.75 + Math.random() / 2));
  }

  /** Silence for longer than heartbeats allow is a line that broke. */
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
}
