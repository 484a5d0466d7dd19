import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

/** One's own words as they come: what is sure, and what is still guessed. It is not read out to who speaks it. */
export function Caption({
  text,
  guessed,
  gaps,
  language,
}: {
  text: string;
  guessed: string;
  gaps: number;
  language: string;
}) {
  const { t } = useTranslation();
  const shown = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new word is to be seen
  useEffect(() => {
    if (shown.current !== null) shown.current.scrollTop = shown.current.scrollHeight;
  }, [text, guessed]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
    <section className="caption" aria-label={t("voice.caption.title")} ref={shown} tabIndex={0}>
      {text === "" && guessed === "" ? (
        <p className="muted caption-empty">{t("voice.caption.none")}</p>
      ) : (
        <p lang={language} dir="auto" id="caption" className="pre">
          {text}
          {guessed !== "" && <span className="caption-guess"> {guessed}</span>}
        </p>
      )}
      {gaps > 0 && <p className="muted small">{t("voice.caption.gaps", { count: gaps })}</p>}
    </section>
  );
}
