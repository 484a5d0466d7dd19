import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { browserDevices, chooseMicrophone } from "./devices";

const stream = {} as MediaStream;
const getUserMedia = vi.fn<(what: MediaStreamConstraints) => Promise<MediaStream>>();

describe("the devices of a browser", () => {
  beforeEach(() => {
    localStorage.clear();
    getUserMedia.mockReset().mockResolvedValue(stream);
    vi.stubGlobal("isSecureContext", true);
    vi.stubGlobal("RTCPeerConnection", class {});
    vi.stubGlobal("navigator", { mediaDevices: { getUserMedia } });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("are asked for a microphone alone, unless a camera is wanted", async () => {
    expect(await browserDevices.open(false)).toBe(stream);
    expect(Object.keys(getUserMedia.mock.lastCall?.[0] ?? {})).toEqual(["audio"]);
    await browserDevices.open(true);
    expect(Object.keys(getUserMedia.mock.lastCall?.[0] ?? {})).toEqual(["audio", "video"]);
  });

  it("give a voice without a camera when there is no camera", async () => {
    getUserMedia.mockRejectedValueOnce(new DOMException("", "NotFoundError"));
    expect(await browserDevices.open(true)).toBe(stream);
    expect(Object.keys(getUserMedia.mock.lastCall?.[0] ?? {})).toEqual(["audio"]);
  });

  it("give the chosen microphone, or another one when it is not there", async () => {
    chooseMicrophone("headset");
    await browserDevices.open(false);
    expect(getUserMedia).toHaveBeenCalledWith({
      audio: expect.objectContaining({ deviceId: { ideal: "headset" }, echoCancellation: true }),
    });
  });

  it.each([
    ["NotAllowedError", "denied"],
    ["SecurityError", "denied"],
    ["NotFoundError", "missing"],
    ["OverconstrainedError", "missing"],
    ["NotReadableError", "busy"],
    ["AbortError", "busy"],
    ["TypeError", "unsupported"],
  ])("say by %s that it is %s", async (name, trouble) => {
    getUserMedia.mockRejectedValue(new DOMException("", name));
    await expect(browserDevices.open(false)).rejects.toMatchObject({ trouble });
  });

  it("are out of reach without https, and without WebRTC", async () => {
    vi.stubGlobal("RTCPeerConnection", undefined);
    await expect(browserDevices.open(false)).rejects.toMatchObject({ trouble: "unsupported" });
    vi.stubGlobal("isSecureContext", false);
    await expect(browserDevices.open(false)).rejects.toMatchObject({ trouble: "insecure" });
    expect(getUserMedia).not.toHaveBeenCalled();
  });
});
