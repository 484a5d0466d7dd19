import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";

const KEPT = "viva.aloud";

function keptOff(): boolean {
  try {
    return localStorage.getItem(KEPT) === "off";
  } catch {
    return false;
  }
}

/** Stop reading. */
export function hush(): void {
  if ("speechSynthesis" in window) speechSynthesis.cancel();
}

/**
 * Reads the question with a voice of its language, where the device has one. Typing stops it.
 *
 * @param onReading is told when it begins and ends to read; it must be stable.
 */
export function ReadAloud({
  text,
  language,
  onReading,
}: {
  text: string;
  language: string;
  onReading: (reading: boolean) => void;
}) {
  const { t } = useTranslation();
  const voice = useVoice(language);
  const [off, setOff] = useState(keptOff);
  const say = useCallback(() => {
    if (voice === null) return;
    hush();
    const spoken = new SpeechSynthesisUtterance(text);
    spoken.voice = voice;
    spoken.lang = voice.lang;
    spoken.onstart = () => onReading(true);
    // Also when it is stopped, or was not allowed to begin.
    spoken.onend = spoken.onerror = () => onReading(false);
    speechSynthesis.speak(spoken);
  }, [voice, text, onReading]);
  useEffect(() => {
    if (voice === null || off) return;
    say();
    document.addEventListener("input", hush);
    return () => {
      document.removeEventListener("input", hush);
      hush();
    };
  }, [voice, off, say]);
  if (voice === null) return null;
  return (
    <div className="row">
      <Button kind="plain" onClick={say}>
        {t("aloud.repeat")}
      </Button>
      <Button
        kind="plain"
        aria-pressed={!off}
        onClick={() => {
          setOff(!off);
          if (!off) hush();
          try {
            localStorage.setItem(KEPT, off ? "on" : "off");
          } catch {
            // It holds until the page is left.
          }
        }}
      >
        {t("aloud.switch")}
      </Button>
    </div>
  );
}

function useVoice(language: string): SpeechSynthesisVoice | null {
  const [voice, setVoice] = useState<SpeechSynthesisVoice | null>(null);
  useEffect(() => {
    if (!("speechSynthesis" in window)) return;
    const look = () => {
      const fitting = speechSynthesis
        .getVoices()
        .filter((one) => one.lang.toLowerCase().startsWith(language));
      setVoice(fitting.find((one) => one.localService) ?? null);
    };
    look();
    speechSynthesis.addEventListener("voiceschanged", look);
    return () => speechSynthesis.removeEventListener("voiceschanged", look);
  }, [language]);
  return voice;
}
