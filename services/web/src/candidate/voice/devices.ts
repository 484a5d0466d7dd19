/** Microphones and cameras of this device, and why there is none. */

/** Why nothing can be heard from this device. */
export type DeviceTrouble = "insecure" | "unsupported" | "denied" | "missing" | "busy";

export class DeviceFailed extends Error {
  constructor(readonly trouble: DeviceTrouble) {
    super(trouble);
    this.name = "DeviceFailed";
  }
}

/** What a call needs of the device. */
export interface Devices {
  /** Open the chosen microphone and, if it is wanted and there is one, a camera. Throws DeviceFailed. */
  open(camera: boolean): Promise<MediaStream>;
}

const KEPT = "viva.microphone";
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** The microphone that was chosen on this device; null for the browser's own choice. */
export function chosenMicrophone(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

/** Speak into this one from now on. */
export function chooseMicrophone(deviceId: string): void {
  try {
    localStorage.setItem(KEPT, deviceId);
  } catch {
    // A browser that keeps nothing: its own choice is used.
  }
}

/** The microphones; nameless until the browser was allowed to use one. */
export async function listMicrophones(): Promise<MediaDeviceInfo[]> {
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return all.filter((one) => one.kind === "audioinput" && one.deviceId !== "");
}

/** Those of the browser. */
export const browserDevices: Devices = {
  async open(camera) {
    if (!window.isSecureContext) throw new DeviceFailed("insecure");
    if (!navigator.mediaDevices?.getUserMedia || !window.RTCPeerConnection) {
      throw new DeviceFailed("unsupported");
    }
    const chosen = chosenMicrophone();
    const audio = chosen === null ? SOUND : { ...SOUND, deviceId: { ideal: chosen } };
    try {
      return await (camera ? withCamera(audio) : navigator.mediaDevices.getUserMedia({ audio }));
    } catch (error) {
      throw new DeviceFailed(troubleOf(error));
    }
  },
};

/** Without a camera, or when it is denied, the voice goes on. */
async function withCamera(audio: MediaTrackConstraints): Promise<MediaStream> {
  const video = { width: { ideal: 640 }, height: { ideal: 480 }, facingMode: "user" };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio, video });
  } catch {
    return navigator.mediaDevices.getUserMedia({ audio });
  }
}

/** As Media Capture and Streams names them. */
function troubleOf(error: unknown): DeviceTrouble {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return name === "NotReadableError" || name === "AbortError" ? "busy" : "unsupported";
}
