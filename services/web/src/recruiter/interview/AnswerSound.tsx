import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { getRecording, type Interview } from "../../api/interviews";
import { Problem } from "../../api/problems";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { ProblemNotice } from "../Problems";
import { SoundContext, useSound, useSoundState } from "./sound";

/** Seconds that are played around a quote: words begin a little before they are recognised. */
const AROUND = 0.4;

/** Lets what is inside be heard, where the candidate agrees to the recording. */
export function Recorded({ interview, children }: { interview: Interview; children: ReactNode }) {
  const sound = useSoundState();
  const agreed = interview.consents.some(({ purpose, granted }) => purpose === "record" && granted);
  return <SoundContext.Provider value={agreed ? sound : null}>{children}</SoundContext.Provider>;
}

interface Props {
  interviewId: string;
  turnId: string;
  /** The question's number, for the name of the player. */
  number: number;
}

/** The recording of one answer. It is fetched when somebody wants to hear it: each time is in the audit log. */
export function AnswerSound({ interviewId, turnId, number }: Props) {
  const { t } = useTranslation();
  const sound = useSound();
  const asked = sound?.wanted?.turnId === turnId;
  const fetched = useQuery({
    queryKey: ["recording", interviewId, turnId],
    queryFn: () => getRecording(interviewId, turnId),
    enabled: asked,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  if (sound === null) return null;
  if (fetched.data !== undefined) {
    return <Player label={t("reviewer.sound.player", { number })} turnId={turnId} blob={fetched.data} />;
  }
  if (fetched.error instanceof Problem && fetched.error.status === 404) {
    return (
      <Notice title={t("reviewer.sound.none.title")} live>
        <p>{t("reviewer.sound.none.what")}</p>
      </Notice>
    );
  }
  if (fetched.error !== null) {
    return <ProblemNotice error={fetched.error} reading onAgain={() => void fetched.refetch()} />;
  }
  return (
    <div>
      <Button
        kind="plain"
        busy={fetched.isFetching}
        onClick={() => sound.hear({ turnId, from: 0, to: null })}
      >
        {fetched.isFetching ? t("reviewer.sound.fetching") : t("reviewer.sound.listen")}
        <span className="hidden">: {t("reviewer.transcript.turn", { number })}</span>
      </Button>
    </div>
  );
}

function Player({ label, turnId, blob }: { label: string; turnId: string; blob: Blob }) {
  const sound = useSound();
  const wanted = sound?.wanted ?? null;
  const url = useAddress(blob);
  const audio = useRef<HTMLAudioElement>(null);
  const stopsAt = useRef<number | null>(null);
  useEffect(() => {
    const player = audio.current;
    if (player === null || url === null || wanted === null) return;
    if (wanted.turnId !== turnId) {
      player.pause(); // one voice at a time
      return;
    }
    stopsAt.current = wanted.to === null ? null : wanted.to + AROUND;
    player.currentTime = Math.max(0, wanted.from - AROUND);
    player.play().catch(() => {}); // where the browser wants a press first, the player's own button is there
  }, [url, wanted, turnId]);
  if (url === null) return null;
  return (
    // biome-ignore lint/a11y/useMediaCaption: the transcript stands above it
    <audio
      ref={audio}
      className="sound"
      src={url}
      aria-label={label}
      controls
      onTimeUpdate={({ currentTarget }) => {
        if (stopsAt.current === null || currentTarget.currentTime < stopsAt.current) return;
        stopsAt.current = null; // whoever presses play now hears on
        currentTarget.pause();
      }}
    />
  );
}

/** An address for a blob, for as long as the component is there. */
function useAddress(blob: Blob): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return url;
}
