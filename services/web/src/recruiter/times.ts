/** Times in the reader's zone and language. */
import { spokenLanguage } from "../i18n";

/** A day; empty for none. */
export function day(iso: string | null): string {
  if (iso === null) return "";
  return new Intl.DateTimeFormat(spokenLanguage(), { dateStyle: "medium" }).format(new Date(iso));
}

/** A day and a time; empty for none. */
export function moment(iso: string | null): string {
  if (iso === null) return "";
  return new Intl.DateTimeFormat(spokenLanguage(), { dateStyle: "medium", timeStyle: "short" }).format(
    new Date(iso),
  );
}

/** A score from 1 to 5, with at most one decimal. */
export function score(value: number): string {
  return new Intl.NumberFormat(spokenLanguage(), { maximumFractionDigits: 1 }).format(value);
}

/** A share of 100. */
export function percent(value: number): string {
  return `${new Intl.NumberFormat(spokenLanguage(), { maximumFractionDigits: 0 }).format(value)}\u00a0%`;
}
