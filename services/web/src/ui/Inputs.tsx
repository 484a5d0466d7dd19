import type { InputHTMLAttributes, ReactNode, SelectHTMLAttributes, TextareaHTMLAttributes } from "react";
import { Field } from "./Field";

interface Labelled {
  label: ReactNode;
  hint?: ReactNode;
  error?: ReactNode;
  hideLabel?: boolean;
  value: string;
  onChange: (value: string) => void;
}

type Rest<Attributes> = Omit<Attributes, "value" | "onChange">;

/** A line of text with its label. */
export function TextInput({
  label,
  hint,
  error,
  hideLabel,
  value,
  onChange,
  ...rest
}: Labelled & Rest<InputHTMLAttributes<HTMLInputElement>>) {
  return (
    <Field label={label} hint={hint} error={error} hideLabel={hideLabel}>
      {(control) => (
        <input
          type="text"
          {...rest}
          {...control}
          className="field"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

/** Lines of text with their label. */
export function TextArea({
  label,
  hint,
  error,
  hideLabel,
  value,
  onChange,
  ...rest
}: Labelled & Rest<TextareaHTMLAttributes<HTMLTextAreaElement>>) {
  return (
    <Field label={label} hint={hint} error={error} hideLabel={hideLabel}>
      {(control) => (
        <textarea
          {...rest}
          {...control}
          className="field"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

/** A choice with its label; the options are its children. */
export function Select({
  label,
  hint,
  error,
  hideLabel,
  value,
  onChange,
  children,
  ...rest
}: Labelled & Rest<SelectHTMLAttributes<HTMLSelectElement>>) {
  return (
    <Field label={label} hint={hint} error={error} hideLabel={hideLabel}>
      {(control) => (
        <select
          {...rest}
          {...control}
          className="field"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        >
          {children}
        </select>
      )}
    </Field>
  );
}
