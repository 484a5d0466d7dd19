import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Problem } from "../api/problems";
import { Button } from "../ui/Button";
import { Page } from "../ui/Page";
import { wordsFor } from "./link";

const AGAIN = 3000;

/** Why nobody came in, and the way on. */
export function NoEntry({
  problem,
  trying,
  onAgain,
}: {
  problem: Problem;
  trying: boolean;
  onAgain: () => void;
}) {
  const { t } = useTranslation();
  const words = wordsFor(problem);
  const again = useRef(onAgain);
  again.current = onAgain;
  useEffect(() => {
    if (words !== "away" || trying) return;
    const timer = setTimeout(() => again.current(), AGAIN);
    return () => clearTimeout(timer);
  }, [words, trying]);
  return (
    <Page key={words} title={t(`noEntry.${words}.title`)}>
      <div className="card stack" role="alert">
        <p>{t(`noEntry.${words}.what`)}</p>
        <p>{t(`noEntry.${words}.way`)}</p>
        {(words === "away" || words === "cookies") && (
          <div>
            <Button onClick={onAgain} busy={trying}>
              {t(trying ? "noEntry.trying" : "noEntry.again")}
            </Button>
          </div>
        )}
      </div>
    </Page>
  );
}
