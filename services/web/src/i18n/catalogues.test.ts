import { IntlMessageFormat } from "intl-messageformat";
import { describe, expect, it } from "vitest";
import en from "./en.json";
import ko from "./ko.json";
import recruiterEn from "./recruiter.en.json";
import recruiterKo from "./recruiter.ko.json";
import reviewerEn from "./reviewer.en.json";
import reviewerKo from "./reviewer.ko.json";

function flat(tree: object, before = ""): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]) =>
      typeof value === "string" ? [[before + key, value] as const] : [...flat(value, `${before}${key}.`)],
    ),
  );
}

/** The names of a message's placeholders, and of those in its plurals. */
function placeholders(message: string, language: string): Set<string> {
  const found = new Set<string>();
  const walk = (parts: unknown): void => {
    for (const part of parts as {
      type: number;
      value?: string;
      options?: Record<string, { value: unknown }>;
    }[]) {
      if (part.type >= 1 && part.type <= 6 && part.value !== undefined) found.add(part.value);
      for (const option of Object.values(part.options ?? {})) walk(option.value);
    }
  };
  walk(new IntlMessageFormat(message, language).getAst());
  return found;
}

const english = flat({ ...en, ...recruiterEn, ...reviewerEn });
const korean = flat({ ...ko, ...recruiterKo, ...reviewerKo });

describe("the catalogues", () => {
  it("say the same things in both languages", () => {
    expect([...korean.keys()]).toEqual([...english.keys()]);
  });

  it("fill in the same placeholders", () => {
    for (const [key, message] of english) {
      expect([key, placeholders(korean.get(key) ?? "", "ko")]).toEqual([key, placeholders(message, "en")]);
    }
  });

  it("hold no message that was left untranslated", () => {
    const same = [...english].filter(([key, message]) => korean.get(key) === message);
    expect(same).toEqual([]);
  });

  it("hold Korean words in Korean", () => {
    const without = [...korean].filter(([, message]) => !/[가-힣]/.test(message));
    expect(without).toEqual([]);
  });
});
