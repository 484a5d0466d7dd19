import type { ReactNode } from "react";
import "./ui.css";

/** Pages side by side: links, of which the router marks the one that is open with aria-current. */
export function Tabs({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav className="tabs" aria-label={label}>
      {children}
    </nav>
  );
}
