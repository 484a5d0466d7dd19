import { type ReactNode, useId } from "react";
import "./ui.css";

/** What a control inside a Field needs to be named and explained by it. */
export interface Controlled {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

/** A control with its label, a hint and what is wrong with it. The control is drawn by the child function. */
export function Field({
  label,
  hint,
  error,
  hideLabel = false,
  children,
}: {
  label: ReactNode;
  hint?: ReactNode;
  error?: ReactNode;
  hideLabel?: boolean;
  children: (control: Controlled) => ReactNode;
}) {
  const id = useId();
  const wrong = error !== undefined && error !== null && error !== "" && error !== false;
  const described = [hint ? `${id}-hint` : "", wrong ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div className="labelled">
      <label htmlFor={id} className={hideLabel ? "hidden" : "label"}>
        {label}
      </label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": wrong || undefined })}
      {hint && (
        <div id={`${id}-hint`} className="muted small">
          {hint}
        </div>
      )}
      {wrong && (
        <div id={`${id}-error`} className="wrong small">
          {error}
        </div>
      )}
    </div>
  );
}
