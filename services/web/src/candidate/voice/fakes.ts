/** Neighbours of a call for unit tests: a browser's peer connection, its devices and the gateway. */
import { vi } from "vitest";
import type { Message } from "../../api/socket";
import type { Signalling, Speech } from "../../api/voice";
import { DeviceFailed, type DeviceTrouble } from "./devices";
import { VoiceCall } from "./VoiceCall";

export class FakeTrack extends EventTarget {
  stopped = false;
  constructor(readonly kind: "audio" | "video") {
    super();
  }
  stop(): void {
    this.stopped = true;
  }
  getSettings(): MediaTrackSettings {
    return { deviceId: "first" };
  }
}

export class FakeStream {
  readonly tracks: FakeTrack[];
  constructor(camera: boolean) {
    this.tracks = [new FakeTrack("audio"), ...(camera ? [new FakeTrack("video")] : [])];
  }
  getTracks = () => this.tracks;
  getAudioTracks = () => this.tracks.filter((one) => one.kind === "audio");
  getVideoTracks = () => this.tracks.filter((one) => one.kind === "video");
}

export class FakePeer extends EventTarget {
  connectionState: RTCPeerConnectionState = "new";
  iceGatheringState: RTCIceGatheringState = "complete";
  localDescription: { sdp: string } | null = null;
  accepted = "";
  closed = false;
  readonly sends: FakeTrack[] = [];
  addTrack(track: FakeTrack): void {
    this.sends.push(track);
  }
  async createOffer() {
    return { type: "offer", sdp: "offer" };
  }
  async setLocalDescription(description: { sdp: string }) {
    this.localDescription = description;
  }
  async setRemoteDescription({ sdp }: { sdp: string }) {
    this.accepted = sdp;
  }
  close(): void {
    this.closed = true;
  }
  becomes(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }
}

const SPEECH: Speech = { pending_seconds: 0, transcription: "live", finals: 1, gaps: 0 };

/** A call among fakes: `peers` and `streams` in the order in which they were made. */
export function fakeCall(refusal: DeviceTrouble | null = null, hasCamera = true) {
  const peers: FakePeer[] = [];
  const streams: FakeStream[] = [];
  let offers = 0;
  const signalling = {
    servers: vi.fn(async () => []),
    offer: vi.fn(async (_sdp: string, _video: boolean, peerId: string | null) => {
      offers += 1;
      return { peerId: peerId ?? `peer ${offers}`, sdp: `answer ${offers}` };
    }),
    standing: vi.fn<Signalling["standing"]>(async () => "open"),
    hangUp: vi.fn(async () => {}),
    say: vi.fn<Signalling["say"]>(async () => SPEECH),
  };
  const refused = { trouble: refusal };
  const call = new VoiceCall({
    signalling,
    devices: {
      open: async (camera) => {
        if (refused.trouble !== null) throw new DeviceFailed(refused.trouble);
        const stream = new FakeStream(camera && hasCamera);
        streams.push(stream);
        return stream as unknown as MediaStream;
      },
    },
    makePeer: () => {
      const peer = new FakePeer();
      peers.push(peer);
      return peer as unknown as RTCPeerConnection;
    },
  });
  const told = (type: string, data: Record<string, unknown>) => call.read({ type, id: null, data });
  return { call, peers, streams, signalling, refused, told };
}

/** A message of the live socket. */
export function message(type: string, data: Record<string, unknown>): Message {
  return { type, id: null, data };
}
