/** The candidate's call to Viva: it comes back by itself, and says in one state how it stands. */
import { problemOf } from "../../api/problems";
import type { Message } from "../../api/socket";
import { type LineFault, type Phase, type Signalling, type Speech, signalling } from "../../api/voice";
import { type CallState, mayPass, OFF, REFUSED, type Trouble, transcriptionOf, UNTOLD } from "./callState";
import { Connection, type MakePeer, type Moved } from "./connection";
import { browserDevices, DeviceFailed, type Devices } from "./devices";
import { AnswerSpeech } from "./speech";

/** What the call is made of. */
export interface Ports {
  signalling: Signalling;
  devices: Devices;
  makePeer: MakePeer;
}

const PAUSES = [500, 1000, 2000, 4000];
/** So many connections in a row that did not come about are a network that lets no sound through. */
const FRUITLESS = 3;
/** Milliseconds after which a level is no news: media tells one four times a second. */
const FRESH = 2_000;

export class VoiceCall {
  state: CallState = OFF;
  /** Counts openings and closings: what belongs to an earlier one is stale. */
  private era = 0;
  private connection: Connection | null = null;
  private peerId: string | null = null;
  private camera = false;
  private establishing: number | null = null;
  private due = false;
  private offering: number | null = null;
  /** Peers that media ended, with its reason: one may end before its offer is answered here. */
  private ended = new Map<string, string>();
  private stood = false;
  private fruitless = 0;
  private readonly speech: AnswerSpeech;
  private wake: () => void = () => {};
  private aging: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly ports: Ports) {
    this.speech = new AnswerSpeech(ports.signalling, {
      speaks: () => this.peerId !== null && this.state.stream !== null,
      onTold: (speech) => this.told(speech),
      onClosed: () => this.tell({ trouble: "answer" }),
      onRefused: (problem) => this.fail(REFUSED[problem.reason] ?? "refused"),
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): CallState => this.state;

  /** Ask for the microphone and connect; also again, with another microphone or after a trouble. */
  async open(camera = this.camera): Promise<void> {
    const era = this.begin();
    this.camera = camera;
    this.stood = false;
    this.fruitless = 0;
    window.addEventListener("online", this.retryNow);
    this.tell({ ...OFF, line: "asking" });
    let stream: MediaStream;
    try {
      stream = await this.ports.devices.open(camera);
    } catch (error) {
      if (era === this.era) this.fail(error instanceof DeviceFailed ? error.trouble : "unsupported");
      return;
    }
    if (era !== this.era) {
      silence(stream);
      return;
    }
    for (const track of stream.getAudioTracks()) {
      track.addEventListener("ended", () => {
        if (era === this.era) this.fail("vanished");
      });
    }
    const cameraMissing = camera && stream.getVideoTracks().length === 0;
    this.tell({ line: "connecting", stream, cameraMissing });
    await this.establish(era);
  }

  /** Take the interview back from the tab that has it. */
  takeOver(): Promise<void> {
    this.peerId = null;
    return this.open();
  }

  /** Hang up. */
  close(): void {
    const peerId = this.peerId;
    this.begin();
    this.peerId = null;
    this.speech.leave(null);
    window.removeEventListener("online", this.retryNow);
    this.tell(OFF);
    if (peerId !== null) this.ports.signalling.hangUp(peerId).catch(() => {}); // media notices by itself
  }

  /** What the candidate is doing about a turn; said again whenever the call comes back. */
  say(turnId: string, phase: Phase): void {
    if (this.speech.enter(turnId, phase)) this.tell({ told: false });
    this.speech.tell();
  }

  /** The turn is over, whoever ended it. */
  leave(turnId: string): void {
    this.speech.leave(turnId);
    if (this.state.trouble === "answer" && this.state.stream !== null) this.tell({ trouble: null });
  }

  /** The candidate is done: resolves once all that was said is written down or known to be owed; null when media
   * knows nothing of it. Throws a passing Problem. */
  done(turnId: string): Promise<Speech | null> {
    return this.speech.done(turnId);
  }

  /** What the interview's live socket tells. */
  read({ type, data }: Message): void {
    // The socket is back, and what it told meanwhile is lost: media says how it stands when it is told again.
    if (type === "hello") this.speech.tell();
    if (type === "peer_status" && data.state === "closed") {
      this.ended.set(String(data.peer_id), String(data.reason));
    }
    if (this.peerId === null || data.peer_id !== this.peerId) return;
    if (type === "line_level") {
      const faults = Array.isArray(data.faults) ? (data.faults as LineFault[]) : [];
      this.tell({ level: Number(data.level_dbfs), speaking: data.speaking === true, faults });
      clearTimeout(this.aging);
      this.aging = setTimeout(() => this.tell(UNTOLD), FRESH);
    } else if (type === "peer_status") {
      if (data.state !== "closed") this.tell({ transcription: transcriptionOf(data.transcription) });
      else this.hungUp(String(data.reason));
    }
  }

  private begin(): number {
    this.era += 1;
    this.wake();
    clearTimeout(this.aging);
    this.connection?.close();
    this.connection = null;
    if (this.state.stream !== null) silence(this.state.stream);
    return this.era;
  }

  private told({ transcription }: Speech): void {
    this.tell({
      told: true,
      ...(transcription === null ? {} : { transcription: transcriptionOf(transcription) }),
    });
  }

  private fail(trouble: Trouble): void {
    this.begin();
    this.tell({ ...OFF, trouble });
  }

  private async establish(era: number): Promise<void> {
    this.due = true;
    if (this.establishing === era) return;
    this.establishing = era;
    try {
      while (this.due && era === this.era) {
        this.due = false;
        await this.offerUntilAnswered(era);
      }
    } finally {
      if (this.establishing === era) this.establishing = null;
    }
  }

  /** However long the network is away. */
  private async offerUntilAnswered(era: number): Promise<void> {
    for (let failures = 0; era === this.era; failures += 1) {
      try {
        if (await this.isElsewhere()) {
          if (era === this.era) this.fail("elsewhere");
          return;
        }
        if (era === this.era) await this.offer(era);
        return;
      } catch (error) {
        if (era !== this.era) return;
        const problem = problemOf(error);
        if (!mayPass(problem)) {
          this.fail(REFUSED[problem.reason] ?? "unreachable");
          return;
        }
        if (failures > 0 || this.stood) this.tell({ line: "lost", level: null, speaking: false });
        await this.pause(PAUSES[Math.min(failures, PAUSES.length - 1)] ?? 4000);
      }
    }
  }

  /** Whoever comes back to a call that another tab has must not take it away unasked. */
  private async isElsewhere(): Promise<boolean> {
    if (this.peerId === null) return false;
    try {
      return (await this.ports.signalling.standing(this.peerId)) === "elsewhere";
    } catch (error) {
      if (problemOf(error).status === 404) return false; // media began anew and knows nobody
      throw error;
    }
  }

  private async offer(era: number): Promise<void> {
    const { stream } = this.state;
    if (stream === null) return;
    this.connection?.close();
    this.offering = era;
    this.ended.clear();
    let opened: { peerId: string; sdp: string };
    let connection: Connection;
    try {
      const servers = await this.ports.signalling.servers();
      if (era !== this.era) return;
      connection = new Connection(this.ports.makePeer, servers, stream, (moved) => this.moved(era, moved));
      this.connection = connection;
      const sdp = await connection.offer();
      if (era !== this.era) return;
      opened = await this.ports.signalling.offer(sdp, stream.getVideoTracks().length > 0, this.peerId);
    } finally {
      if (this.offering === era) this.offering = null;
    }
    if (era !== this.era) {
      // Closed meanwhile. Whoever has opened anew has offered anew, and that offer took this one over.
      if (this.state.line === "off") this.ports.signalling.hangUp(opened.peerId).catch(() => {});
      return;
    }
    this.peerId = opened.peerId;
    const reason = this.ended.get(opened.peerId);
    if (reason !== undefined) {
      this.hungUp(reason);
      return;
    }
    await connection.accept(opened.sdp);
    if (era !== this.era) return;
    this.tell({ told: false });
    this.speech.tell();
  }

  private moved(era: number, moved: Moved): void {
    if (era !== this.era) return;
    if (moved === "connected") {
      this.stood = true;
      this.fruitless = 0;
      this.tell({ line: "connected" });
      return;
    }
    if (moved === "broken" && !this.stood) this.fruitless += 1;
    if (this.fruitless >= FRUITLESS) {
      this.fail("unreachable");
      return;
    }
    this.tell({ line: this.stood ? "lost" : "connecting", level: null, speaking: false });
    if (moved === "broken") void this.establish(era);
  }

  /** Media ended the call. */
  private hungUp(reason: string): void {
    if (reason === "TAKEN_OVER") this.fail("elsewhere");
    else if (reason === "CONSENT_REVOKED") this.fail("consent");
    else if (reason !== "CLOSED_BY_PAGE" && this.offering === null) {
      this.connection?.close();
      this.tell({ line: "lost", level: null, speaking: false });
      void this.establish(this.era);
    }
  }

  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private readonly retryNow = (): void => this.wake();

  private tell(changes: Partial<CallState>): void {
    this.state = { ...this.state, ...changes };
    for (const listener of this.listeners) listener();
  }
}

/** A call from this browser. */
export function createCall(): VoiceCall {
  const makePeer = (configuration: RTCConfiguration) => new RTCPeerConnection(configuration);
  return new VoiceCall({ signalling, devices: browserDevices, makePeer });
}

function silence(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
