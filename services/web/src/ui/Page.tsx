import { type ReactNode, useEffect, useRef } from "react";
import "./ui.css";

/** A page: its heading takes the focus when it opens, so that a screen reader says where one is. */
export function Page({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  useEffect(() => {
    document.title = `${title} · Viva`;
  }, [title]);
  return (
    <div className="page stack">
      <div className="stack-tight">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {lead !== undefined && <div className="muted">{lead}</div>}
      </div>
      {children}
    </div>
  );
}
