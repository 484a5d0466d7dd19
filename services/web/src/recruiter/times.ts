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
