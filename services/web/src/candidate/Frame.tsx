import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Interview, Receipt } from "../api/interview";
import { Notice } from "../ui/Notice";
import "./candidate.css";
import { useLive } from "./interviewState";
import { Rights } from "./Rights";
import { type Step, WAY } from "./steps";

const BACK_SECONDS = 8;

/** What is around each of the candidate's pages: whose interview, how far, the line, and their rights. */
export function Frame({
  interview,
  step,
  onErased,
  children,
}: {
  interview: Interview;
  step: Step;
  onErased: (receipt: Receipt | "lost") => void;
  children: ReactNode;
}) {
  return (
    <div className="frame stack">
      <div className="frame-head">
        <p className="muted">
          <strong>{interview.position_title}</strong>
          {interview.tenant_name !== "" && <> · {interview.tenant_name}</>}
        </p>
        {step !== "ended" && <Way step={step} />}
      </div>
      <Line />
      {children}
      {step !== "ended" && <Rights interview={interview} onErased={onErased} />}
    </div>
  );
}

function Way({ step }: { step: Step }) {
  const { t } = useTranslation();
  const shown = step === "waiting" ? "feedback" : step;
  const order: readonly Step[] = WAY;
  const at = order.indexOf(shown);
  return (
    <ol className="way" aria-label={t("frame.way")}>
      {WAY.map((one, index) => (
        <li key={one} aria-current={index === at ? "step" : undefined} data-done={index < at || undefined}>
          <span>{t(`frame.steps.${one}`)}</span>
        </li>
      ))}
    </ol>
  );
}

/** Says that the line is gone, and that it is back. */
function Line() {
  const { t } = useTranslation();
  const { line } = useLive();
  const wasLost = useRef(false);
  const [back, setBack] = useState(false);
  useEffect(() => {
    if (line === "lost") wasLost.current = true;
    if (line !== "live" || !wasLost.current) return;
    wasLost.current = false;
    setBack(true);
    const timer = setTimeout(() => setBack(false), BACK_SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [line]);
  if (line === "lost") {
    return (
      <Notice tone="warn" title={t("frame.lost.title")} live>
        <p>{t("frame.lost.what")}</p>
      </Notice>
    );
  }
  return back ? <Notice tone="ok" title={t("frame.back")} live /> : null;
}
