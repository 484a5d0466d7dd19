/** How i18next reads ICU messages. What a browser knows of languages is asked for only where a message needs it: the first
 * time costs a slow phone a third of a second, and most messages are plain words. */
import { IntlMessageFormat } from "intl-messageformat";

type Formatters = NonNullable<NonNullable<ConstructorParameters<typeof IntlMessageFormat>[3]>["formatters"]>;
type Values = Parameters<IntlMessageFormat["format"]>[0];

// It would ask the browser which languages it knows; ours are known.
IntlMessageFormat.resolveLocale = (locales) => new Intl.Locale([locales].flat()[0] ?? "en");

const formatters: Formatters = {
  getNumberFormat: (locales, options) => {
    const whole = () => new Intl.NumberFormat(locales, options);
    // As every language of ours writes them.
    const plain = (number: unknown) =>
      options === undefined && Number.isInteger(number) && Math.abs(Number(number)) < 1000;
    const format = (number: number) => (plain(number) ? String(number) : whole().format(number));
    return { format } as Intl.NumberFormat;
  },
  getDateTimeFormat: (locales, options) => new Intl.DateTimeFormat(locales, options),
  getPluralRules: (locales, options) => new Intl.PluralRules(locales, options),
};

const read = new Map<string, IntlMessageFormat>();

function message(text: string, language: string): IntlMessageFormat {
  const key = `${language} ${text}`;
  const found =
    read.get(key) ?? new IntlMessageFormat(text, language, undefined, { ignoreTag: true, formatters });
  read.set(key, found);
  return found;
}

/** A message with its values; plain words, in which no apostrophe quotes anything, as they are. */
export function written(text: string, values: Values, language: string): string {
  if (!text.includes("{") && !text.includes("''")) return text;
  return String(message(text, language).format(values));
}

/** The plugin of i18next. */
export const messages = {
  type: "i18nFormat" as const,
  init: () => {},
  parse: (text: string, values: Values, language: string) => written(text, values, language),
  addLookupKeys: (keys: string[]) => keys,
};
