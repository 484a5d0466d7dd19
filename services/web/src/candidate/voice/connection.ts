/** One WebRTC connection that sends a stream, and says when it stands and when it falls. */

/** `shaky`: nothing comes through, it may come back by itself; `broken`: it will not. */
export type Moved = "connected" | "shaky" | "broken";
export type MakePeer = (configuration: RTCConfiguration) => RTCPeerConnection;

/** Milliseconds: for candidates to be found, for a connection to come about, for a shaky one to come back. */
const GATHERING = 3_000;
const CONNECTING = 20_000;
const SHAKY = 5_000;

export class Connection {
  private readonly peer: RTCPeerConnection;
  private limit: ReturnType<typeof setTimeout> | undefined;
  private over = false;

  constructor(
    make: MakePeer,
    iceServers: RTCIceServer[],
    stream: MediaStream,
    private readonly told: (moved: Moved) => void,
  ) {
    this.peer = make({ iceServers });
    for (const track of stream.getTracks()) this.peer.addTrack(track, stream);
    this.peer.addEventListener("connectionstatechange", this.changed);
  }

  /** The SDP of an offer with the candidates that were found in time. */
  async offer(): Promise<string> {
    await this.peer.setLocalDescription(await this.peer.createOffer());
    await this.gathered();
    return this.peer.localDescription?.sdp ?? "";
  }

  /** The other side's answer: from now on it must come about. */
  async accept(sdp: string): Promise<void> {
    await this.peer.setRemoteDescription({ type: "answer", sdp });
    if (this.peer.connectionState !== "connected") this.expire(CONNECTING);
  }

  /** Nothing is told any more. */
  close(): void {
    this.over = true;
    clearTimeout(this.limit);
    this.peer.removeEventListener("connectionstatechange", this.changed);
    this.peer.close();
  }

  private gathered(): Promise<void> {
    const { peer } = this;
    if (peer.iceGatheringState === "complete") return Promise.resolve();
    return new Promise((resolve) => {
      const enough = () => {
        clearTimeout(limit);
        peer.removeEventListener("icegatheringstatechange", look);
        resolve();
      };
      const look = () => {
        if (peer.iceGatheringState === "complete") enough();
      };
      const limit = setTimeout(enough, GATHERING);
      peer.addEventListener("icegatheringstatechange", look);
    });
  }

  private readonly changed = (): void => {
    const state = this.peer.connectionState;
    if (state === "connected") {
      clearTimeout(this.limit);
      this.tell("connected");
    } else if (state === "disconnected") {
      this.expire(SHAKY);
      this.tell("shaky");
    } else if (state === "failed" || state === "closed") {
      this.fall();
    }
  };

  private expire(after: number): void {
    clearTimeout(this.limit);
    this.limit = setTimeout(() => this.fall(), after);
  }

  private fall(): void {
    clearTimeout(this.limit);
    this.tell("broken");
  }

  private tell(moved: Moved): void {
    if (this.over) return;
    if (moved === "broken") this.over = true;
    this.told(moved);
  }
}
