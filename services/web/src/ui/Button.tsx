import type { ButtonHTMLAttributes } from "react";
import "./ui.css";

type Kind = "primary" | "plain" | "danger";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: Kind;
  /** It works: a second press does nothing, and the focus stays. */
  busy?: boolean;
}

/** A button. While it is busy it stays focusable, so that the keyboard is not thrown out of the page. */
export function Button({ kind = "primary", busy = false, onClick, children, className, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={busy || undefined}
      data-busy={busy || undefined}
      className={`button button-${kind}${className ? ` ${className}` : ""}`}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {children}
    </button>
  );
}
