import { type ReactNode, useEffect, useRef } from "react";
import "./ui.css";

export type Tone = "plain" | "ok" | "warn" | "bad";

/** Something to know. `live`: it is read out when it comes; `focused`: the keyboard goes on in it when it comes. */
export function Notice({
  tone = "plain",
  title,
  live,
  focused = false,
  children,
}: {
  tone?: Tone;
  title?: string;
  live?: boolean;
  focused?: boolean;
  children?: ReactNode;
}) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (focused) place.current?.focus();
  }, [focused]);
  return (
    <div
      ref={place}
      tabIndex={focused ? -1 : undefined}
      className={`notice notice-${tone} stack-tight`}
      role={live ? (tone === "bad" ? "alert" : "status") : undefined}
    >
      {title !== undefined && <strong>{title}</strong>}
      {children}
    </div>
  );
}
