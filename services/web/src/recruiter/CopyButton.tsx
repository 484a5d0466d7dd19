import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";

type Outcome = "idle" | "copied" | "failed";

/** Copies a text; says so, and says too when the browser does not let it. */
export function CopyButton({
  text,
  children,
  label,
  kind = "plain",
}: {
  text: string;
  children: string;
  label?: string;
  kind?: "primary" | "plain";
}) {
  const { t } = useTranslation();
  const [outcome, setOutcome] = useState<Outcome>("idle");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome("copied");
    } catch {
      setOutcome("failed");
    }
  };
  return (
    <span className="row">
      <Button kind={kind} aria-label={label} onClick={() => void copy()}>
        {children}
      </Button>
      <span role="status" className={outcome === "failed" ? "wrong small" : "small"}>
        {outcome !== "idle" && t(`recruiter.copy.${outcome}`)}
      </span>
    </span>
  );
}
