import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../../api/problems";
import { fakeCall } from "./fakes";

const AWAY = new Problem(0, "UNREACHABLE", "the line is cut");

describe("a call", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  async function connected() {
    const made = fakeCall();
    await made.call.open(false);
    made.peers[0]?.becomes("connected");
    return made;
  }

  it("offers what the microphone hears and says when it stands", async () => {
    const { call, peers, signalling } = await connected();
    expect(signalling.offer).toHaveBeenCalledExactlyOnceWith("offer", false, null);
    expect(peers[0]?.accepted).toBe("answer 1");
    expect(peers[0]?.sends.map((one) => one.kind)).toEqual(["audio"]);
    expect(call.state.line).toBe("connected");
  });

  it("asks for a camera only when it is told to, and goes on without one", async () => {
    const seen = fakeCall();
    await seen.call.open(true);
    expect(seen.signalling.offer).toHaveBeenCalledWith("offer", true, null);
    const blind = fakeCall(null, false);
    await blind.call.open(true);
    expect(blind.signalling.offer).toHaveBeenCalledWith("offer", false, null);
    expect(blind.call.state.cameraMissing).toBe(true);
  });

  it("tells what reaches Viva, of its own peer alone", async () => {
    const { call, told } = await connected();
    told("line_level", { peer_id: "another", level_dbfs: -5, speaking: true, faults: [] });
    expect(call.state.level).toBeNull();
    told("line_level", { peer_id: "peer 1", level_dbfs: -20, speaking: true, faults: ["too_quiet"] });
    expect(call.state).toMatchObject({ level: -20, speaking: true, faults: ["too_quiet"] });
    told("peer_status", { peer_id: "peer 1", state: "connected", reason: "", transcription: "delayed" });
    expect(call.state.transcription).toBe("delayed");
  });

  it("forgets what reached Viva when nothing tells of it any more", async () => {
    const { call, told } = await connected();
    told("line_level", { peer_id: "peer 1", level_dbfs: -20, speaking: true, faults: ["too_quiet"] });
    await vi.advanceTimersByTimeAsync(1_500);
    told("line_level", { peer_id: "peer 1", level_dbfs: -22, speaking: true, faults: ["too_quiet"] });
    await vi.advanceTimersByTimeAsync(1_500);
    expect(call.state.level).toBe(-22);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(call.state).toMatchObject({ line: "connected", level: null, speaking: false, faults: [] });
  });

  it("goes on with the same peer when the line breaks, and says again what the candidate is doing", async () => {
    const { call, peers, signalling } = await connected();
    call.say("t1", "listening");
    await vi.advanceTimersByTimeAsync(0);
    peers[0]?.becomes("failed");
    expect(call.state.line).toBe("lost");
    await vi.advanceTimersByTimeAsync(0);
    expect(signalling.offer).toHaveBeenLastCalledWith("offer", false, "peer 1");
    expect(peers[0]?.closed).toBe(true);
    peers[1]?.becomes("connected");
    expect(call.state.line).toBe("connected");
    expect(signalling.say.mock.calls).toEqual([
      ["t1", "listening"],
      ["t1", "listening"],
    ]);
  });

  it("lets a shaky line come back by itself, for a while", async () => {
    const { call, peers } = await connected();
    peers[0]?.becomes("disconnected");
    expect(call.state.line).toBe("lost");
    peers[0]?.becomes("connected");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(call.state.line).toBe("connected");
    expect(peers).toHaveLength(1);
    peers[0]?.becomes("disconnected");
    await vi.advanceTimersByTimeAsync(6_000);
    expect(peers).toHaveLength(2);
  });

  it("tries for as long as the network is away, and at once when it is back", async () => {
    const { call, peers, signalling } = await connected();
    signalling.standing.mockRejectedValue(AWAY);
    peers[0]?.becomes("failed");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(call.state).toMatchObject({ line: "lost", trouble: null });
    signalling.standing.mockResolvedValue("over");
    window.dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(0);
    peers.at(-1)?.becomes("connected");
    expect(call.state.line).toBe("connected");
  });

  it("stops and says so when another tab has taken over, and does not take it back unasked", async () => {
    const { call, peers, streams, told, signalling } = await connected();
    told("peer_status", { peer_id: "peer 1", state: "closed", reason: "TAKEN_OVER" });
    expect(call.state).toMatchObject({ line: "off", trouble: "elsewhere" });
    expect(streams[0]?.tracks[0]?.stopped).toBe(true);
    expect(peers[0]?.closed).toBe(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(peers).toHaveLength(1);
    await call.takeOver();
    expect(signalling.offer).toHaveBeenLastCalledWith("offer", false, null);
    expect(call.state.trouble).toBeNull();
  });

  it("looks whether another tab has it before it comes back", async () => {
    const { call, peers, signalling } = await connected();
    signalling.standing.mockResolvedValue("elsewhere");
    peers[0]?.becomes("failed");
    await vi.advanceTimersByTimeAsync(0);
    expect(call.state.trouble).toBe("elsewhere");
    expect(signalling.offer).toHaveBeenCalledOnce();
  });

  it("hears that it was taken over before its own offer was answered", async () => {
    const made = fakeCall();
    made.signalling.offer.mockImplementation(async () => {
      made.told("peer_status", { peer_id: "peer 9", state: "closed", reason: "TAKEN_OVER" });
      return { peerId: "peer 9", sdp: "answer" };
    });
    await made.call.open(false);
    expect(made.call.state.trouble).toBe("elsewhere");
  });

  it("offers anew when media says that it lost the line or goes away", async () => {
    const { call, peers, told, signalling } = await connected();
    told("peer_status", { peer_id: "peer 1", state: "closed", reason: "DRAINING" });
    expect(call.state.line).toBe("lost");
    signalling.standing.mockRejectedValue(new Problem(404, "PEER_NOT_FOUND", "nobody"));
    await vi.advanceTimersByTimeAsync(0);
    expect(peers).toHaveLength(2);
  });

  it("says that a microphone has vanished, and goes on with another one", async () => {
    const { call, streams, signalling } = await connected();
    streams[0]?.tracks[0]?.dispatchEvent(new Event("ended"));
    expect(call.state).toMatchObject({ line: "off", trouble: "vanished" });
    await call.open();
    expect(signalling.offer).toHaveBeenLastCalledWith("offer", false, "peer 1");
    expect(call.state).toMatchObject({ line: "connecting", trouble: null });
  });

  it.each(["insecure", "unsupported", "denied", "missing", "busy"] as const)(
    "says that it is %s",
    async (trouble) => {
      const { call, refused } = fakeCall(trouble);
      await call.open(false);
      expect(call.state).toMatchObject({ line: "off", trouble });
      refused.trouble = null;
      await call.open();
      expect(call.state).toMatchObject({ line: "connecting", trouble: null });
    },
  );

  it.each([
    ["LANGUAGE_NOT_SPOKEN", "language"],
    ["TEXT_ONLY", "textOnly"],
    ["CONSENT_MISSING", "consent"],
    ["NOT_OPEN", "closed"],
    ["SDP_MALFORMED", "unreachable"],
  ])("takes the refusal %s for what it is", async (reason, trouble) => {
    const { call, signalling } = fakeCall();
    signalling.offer.mockRejectedValue(new Problem(409, reason, ""));
    await call.open(false);
    expect(call.state.trouble).toBe(trouble);
    expect(signalling.offer).toHaveBeenCalledOnce();
  });

  it("gives up on a network that lets no sound through", async () => {
    const { call, peers } = fakeCall();
    await call.open(false);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(peers).toHaveLength(3);
    expect(call.state).toMatchObject({ line: "off", trouble: "unreachable" });
  });

  it("hangs up when it is closed, also while it is opening", async () => {
    const { call, streams, signalling } = await connected();
    call.close();
    expect(signalling.hangUp).toHaveBeenCalledExactlyOnceWith("peer 1");
    expect(streams[0]?.tracks[0]?.stopped).toBe(true);
    const early = fakeCall();
    const opening = early.call.open(false);
    early.call.close();
    await opening;
    expect(early.streams[0]?.tracks[0]?.stopped).toBe(true);
    expect(early.signalling.offer).not.toHaveBeenCalled();
    expect(early.call.state.line).toBe("off");
  });
});

describe("what the candidate is doing", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is told once there is a peer, in order, and done last", async () => {
    const { call, signalling } = fakeCall();
    call.say("t1", "question");
    expect(signalling.say).not.toHaveBeenCalled();
    await call.open(false);
    await vi.advanceTimersByTimeAsync(0);
    call.say("t1", "thinking");
    await vi.advanceTimersByTimeAsync(0);
    expect(await call.done("t1")).toMatchObject({ finals: 1 });
    expect(signalling.say.mock.calls.map(([, phase]) => phase)).toEqual(["question", "thinking", "done"]);
  });

  it("is told again until the line is back, unless the turn is over", async () => {
    const { call, signalling } = fakeCall();
    await call.open(false);
    signalling.say.mockRejectedValue(AWAY);
    call.say("t1", "listening");
    await vi.advanceTimersByTimeAsync(2_500);
    expect(signalling.say.mock.calls.length).toBeGreaterThan(1);
    call.leave("t1");
    const before = signalling.say.mock.calls.length;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(signalling.say).toHaveBeenCalledTimes(before);
  });

  it("cannot go on by voice when the answer was given up meanwhile; the next one can", async () => {
    const { call, signalling } = fakeCall();
    await call.open(false);
    signalling.say.mockRejectedValueOnce(new Problem(409, "ANSWER_CLOSED", ""));
    call.say("t1", "listening");
    await vi.advanceTimersByTimeAsync(0);
    expect(call.state.trouble).toBe("answer");
    call.leave("t1");
    expect(call.state.trouble).toBeNull();
  });

  it("is said again after a failure that may pass, and nobody listens until it is taken", async () => {
    const { call, signalling } = fakeCall();
    await call.open(false);
    signalling.say.mockRejectedValueOnce(new Problem(500, "INTERNAL", ""));
    call.say("t1", "listening");
    await vi.advanceTimersByTimeAsync(0);
    expect(call.state.told).toBe(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(signalling.say).toHaveBeenCalledTimes(2);
    expect(call.state.told).toBe(true);
    call.say("t2", "listening");
    expect(call.state.told).toBe(false);
  });

  it.each([
    [403, "FORBIDDEN", "refused"],
    [409, "CONSENT_MISSING", "consent"],
  ])("is a trouble when it is refused (%s %s)", async (status, reason, trouble) => {
    const { call, signalling, streams } = fakeCall();
    await call.open(false);
    signalling.say.mockRejectedValue(new Problem(status, reason, ""));
    call.say("t1", "listening");
    await vi.advanceTimersByTimeAsync(5_000);
    expect(call.state.trouble).toBe(trouble);
    expect(streams[0]?.tracks[0]?.stopped).toBe(true);
    expect(signalling.say).toHaveBeenCalledOnce();
  });

  it("is not told from where nobody can be heard, and is once they can again", async () => {
    const { call, streams, signalling } = fakeCall();
    await call.open(false);
    streams[0]?.tracks[0]?.dispatchEvent(new Event("ended"));
    call.say("t1", "listening");
    await vi.advanceTimersByTimeAsync(5_000);
    expect(signalling.say).not.toHaveBeenCalled();
    await call.open();
    await vi.advanceTimersByTimeAsync(0);
    expect(signalling.say.mock.calls).toEqual([["t1", "listening"]]);
  });

  it("does not speak over the tab that has taken over, and keeps saying that it has", async () => {
    const { call, signalling, told } = fakeCall();
    await call.open(false);
    signalling.say.mockImplementationOnce(async () => {
      told("peer_status", { peer_id: "peer 1", state: "closed", reason: "TAKEN_OVER" });
      throw new Problem(409, "ANSWER_CLOSED", "");
    });
    call.say("t1", "listening");
    await vi.advanceTimersByTimeAsync(0);
    call.say("t1", "question");
    await vi.advanceTimersByTimeAsync(5_000);
    expect(signalling.say).toHaveBeenCalledOnce();
    expect(call.state.trouble).toBe("elsewhere");
    call.leave("t1");
    expect(call.state.trouble).toBe("elsewhere");
  });

  it("is told again when the live socket is back, and how it is written down is known from that", async () => {
    const { call, signalling, told } = fakeCall();
    await call.open(false);
    call.say("t1", "listening");
    await vi.advanceTimersByTimeAsync(0);
    expect(call.state.transcription).toBe("live");
    signalling.say.mockResolvedValue({ pending_seconds: 9, transcription: "text_only", finals: 0, gaps: 0 });
    told("hello", {});
    await vi.advanceTimersByTimeAsync(0);
    expect(call.state.transcription).toBe("text_only");
  });

  it("is no obstacle to the end of an answer that media knows nothing of", async () => {
    const { call, signalling } = fakeCall();
    signalling.say.mockRejectedValueOnce(new Problem(404, "PEER_NOT_FOUND", ""));
    expect(await call.done("t1")).toBeNull();
    signalling.say.mockRejectedValueOnce(AWAY);
    await expect(call.done("t1")).rejects.toBe(AWAY);
  });
});
