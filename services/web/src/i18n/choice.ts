/** Which language, and where its words are: what can be known before the pages are there. */
export const LANGUAGES = ["en", "ko"] as const;
export type Language = (typeof LANGUAGES)[number];
/** Where the choice is kept. */
export const KEPT = "viva.language";

/** By language, what imports its words. */
export type Catalogues = Record<Language, () => Promise<{ default: object }>>;

/** The words of all pages. */
export const WORDS: Catalogues = { en: () => import("./en.json"), ko: () => import("./ko.json") };
/** Whether the pages speak it. */
export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.some((language) => language === value);
}

/** What the reader chose on this device; null when nothing yet. */
export function chosenLanguage(): Language | null {
  try {
    const kept = localStorage.getItem(KEPT);
    return isLanguage(kept) ? kept : null;
  } catch {
    return null;
  }
}

/** What the reader chose, else the first of the browser's languages that the pages speak. */
export function preferred(): Language {
  const short = navigator.languages.map((tag) => tag.slice(0, 2));
  return chosenLanguage() ?? short.find(isLanguage) ?? "en";
}
