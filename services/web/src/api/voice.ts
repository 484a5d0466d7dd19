/** The candidate's voice over REST: the call to media, and what the candidate does about the open answer. */
import { client, demand } from "./client";
import type { Answer } from "./interview";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Phase = Schemas["SpeechPhase"]["phase"];
export type Speech = Schemas["Speech"];
export type LineFault = Answer["line_faults"][number];
export type Transcription = NonNullable<Speech["transcription"]>;

const OWN = "/api/v1/candidate/interview";

/** How a peer stands: `elsewhere` when another one, of another tab, has the interview. */
export type Standing = "open" | "over" | "elsewhere";

/** What a call asks of the gateway. Everything throws a Problem. */
export interface Signalling {
  /** The servers to make an offer with. */
  servers(): Promise<RTCIceServer[]>;
  /** Exchange an SDP offer for the answer. `peerId`: the peer to go on with. */
  offer(sdp: string, offersVideo: boolean, peerId: string | null): Promise<{ peerId: string; sdp: string }>;
  standing(peerId: string): Promise<Standing>;
  hangUp(peerId: string): Promise<void>;
  /** What the candidate is doing about a turn; `done` returns once what was said is written down. */
  say(turnId: string, phase: Phase): Promise<Speech>;
}

/** The gateway's. */
export const signalling: Signalling = {
  async servers() {
    return (await demand(client.GET(`${OWN}/ice-servers`))).ice_servers;
  },

  async offer(sdp, offersVideo, peerId) {
    const body = { sdp_offer: sdp, offers_video: offersVideo, peer_id: peerId };
    const opened = await demand(client.POST(`${OWN}/peer`, { body }));
    return { peerId: opened.peer_id, sdp: opened.sdp_answer };
  },

  async standing(peerId) {
    const params = { path: { peer_id: peerId } };
    const peer = await demand(client.GET(`${OWN}/peer/{peer_id}`, { params }));
    if (peer.state !== "closed") return "open";
    // Of a peer of its own media tells since when it is closed; of one that was replaced it knows nothing.
    return peer.since === null ? "elsewhere" : "over";
  },

  async hangUp(peerId) {
    await demand(client.DELETE(`${OWN}/peer/{peer_id}`, { params: { path: { peer_id: peerId } } }));
  },

  say(turnId, phase) {
    const params = { path: { turn_id: turnId } };
    return demand(client.POST(`${OWN}/turns/{turn_id}/speech`, { params, body: { phase } }));
  },
};
