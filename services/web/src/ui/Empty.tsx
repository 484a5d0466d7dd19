import type { ReactNode } from "react";
import "./ui.css";

/** There is nothing yet: why, and the way on. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty card stack-tight">
      <h2>{title}</h2>
      {children}
    </div>
  );
}
