import type { ReactNode } from "react";
import "./ui.css";

export type Tone = "plain" | "ok" | "warn" | "bad";

/** Something to know. `live`: it is read out when it comes. */
export function Notice({
  tone = "plain",
  title,
  live,
  children,
}: {
  tone?: Tone;
  title?: string;
  live?: boolean;
  children?: ReactNode;
}) {
  return (
    <div
      className={`notice notice-${tone} stack-tight`}
      role={live ? (tone === "bad" ? "alert" : "status") : undefined}
    >
      {title !== undefined && <strong>{title}</strong>}
      {children}
    </div>
  );
}
