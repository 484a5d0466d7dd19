import type { ReactNode } from "react";

/** One component, by the name that it has in the code. */
export function Part({ name, children }: { name: string; children: ReactNode }) {
  return (
    <section id={name} className="stack" aria-labelledby={`${name}-name`} data-component={name}>
      <h2 id={`${name}-name`} className="gallery-name" lang="en">
        <code>{name}</code>
      </h2>
      {children}
    </section>
  );
}

/** It in one of its states. */
export function State({ of, children }: { of: string; children: ReactNode }) {
  return (
    <div className="stack-tight">
      <p className="small muted" lang="en">
        {of}
      </p>
      {children}
    </div>
  );
}
