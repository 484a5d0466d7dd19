/** The pages' words: ICU messages in one catalogue a language, fetched when the language is chosen. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { fetched } from "../app/fetched";
import { type Catalogues, isLanguage, KEPT, LANGUAGES, type Language, preferred, WORDS } from "./choice";
import type en from "./en.json";
import { messages } from "./messages";
import type recruiterEn from "./recruiter.en.json";
import type reviewerEn from "./reviewer.en.json";

export { chosenLanguage, LANGUAGES, type Language } from "./choice";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en & typeof recruiterEn & typeof reviewerEn };
  }
}

const CATALOGUES: Catalogues[] = [WORDS];
/** The staff's words, which no candidate has to load. */
const STAFF: Catalogues[] = [
  { en: () => import("./recruiter.en.json"), ko: () => import("./recruiter.ko.json") },
  { en: () => import("./reviewer.en.json"), ko: () => import("./reviewer.ko.json") },
];
const told = new Map<Language, Set<Catalogues>>(LANGUAGES.map((language) => [language, new Set()]));

async function learn(language: Language): Promise<void> {
  const known = told.get(language) ?? new Set();
  await Promise.all(
    CATALOGUES.filter((one) => !known.has(one)).map(async (one) => {
      const catalogue = await fetched(one[language]);
      i18next.addResourceBundle(language, "translation", catalogue.default, true);
      known.add(one);
    }),
  );
}

/** Have the staff's words too, in the language that is spoken and in every one that is chosen later; and letters for the
 * Korean names of candidates, in whatever language they are read. */
export async function learnStaffWords(): Promise<void> {
  void import("./korean-font.css");
  for (const one of STAFF) if (!CATALOGUES.includes(one)) CATALOGUES.push(one);
  await learn(spokenLanguage());
}

/** Speak this language from now on. `keep`: the reader chose it. */
export async function speak(language: Language, keep: boolean): Promise<void> {
  await learn(language);
  if (language === "ko") void fetched(() => import("./korean-font.css"));
  if (keep) {
    try {
      localStorage.setItem(KEPT, language);
    } catch {
      // A browser that keeps nothing: the choice holds until the page is left.
    }
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

/** Make i18next ready with the reader's language. */
export async function startLanguages(): Promise<void> {
  await i18next
    .use(messages)
    .use(initReactI18next)
    .init({
      lng: "none",
      fallbackLng: false,
      resources: {},
      showSupportNotice: false, // an advertisement in the console of every candidate
      interpolation: { escapeValue: false },
      react: { useSuspense: false },
    });
  await speak(preferred(), false);
}

/** The language that is spoken. */
export function spokenLanguage(): Language {
  return isLanguage(i18next.language) ? i18next.language : "en";
}
