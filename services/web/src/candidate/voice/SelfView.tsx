import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

/** What the camera sees, as in a mirror. Nobody else sees it here. */
export function SelfView({ stream }: { stream: MediaStream }) {
  const { t } = useTranslation();
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current !== null) video.current.srcObject = stream;
  }, [stream]);
  return (
    <figure className="self-view">
      <video ref={video} autoPlay muted playsInline aria-label={t("voice.self.title")} />
      <figcaption className="muted small">{t("voice.self.what")}</figcaption>
    </figure>
  );
}

/** The picture, where a camera is wanted: or that there is none. */
export function Picture({ stream, missing }: { stream: MediaStream | null; missing: boolean }) {
  const { t } = useTranslation();
  if (missing) return <p className="muted">{t("voice.self.missing")}</p>;
  return stream !== null && stream.getVideoTracks().length > 0 ? <SelfView stream={stream} /> : null;
}
