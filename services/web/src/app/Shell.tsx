import { Outlet } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { LANGUAGES, type Language, speak, spokenLanguage } from "../i18n";
import "./shell.css";
import { chooseTheme, chosenTheme, THEMES, type Theme } from "./theme";

const OWN_NAMES: Record<Language, string> = { en: "English", ko: "한국어" };

/** What is around every page: the name, the language, light or dark. */
export function Shell() {
  const { t } = useTranslation();
  return (
    <>
      <a className="skip" href="#main">
        {t("shell.skip")}
      </a>
      <header className="shell-head">
        <span className="brand">
          <img src="/icon.svg" alt="" width="28" height="28" />
          Viva
        </span>
        <div className="row">
          <LanguageChoice />
          <ThemeChoice />
        </div>
      </header>
      <main id="main" className="shell-main" tabIndex={-1}>
        <Outlet />
      </main>
    </>
  );
}

function LanguageChoice() {
  const { t } = useTranslation();
  return (
    <label>
      <span className="hidden">{t("shell.language")}</span>
      <select
        className="choice"
        value={spokenLanguage()}
        onChange={(event) => void speak(event.target.value as Language, true)}
      >
        {LANGUAGES.map((language) => (
          <option key={language} value={language} lang={language}>
            {OWN_NAMES[language]}
          </option>
        ))}
      </select>
    </label>
  );
}

function ThemeChoice() {
  const { t } = useTranslation();
  const [theme, setTheme] = useState<Theme>(chosenTheme);
  return (
    <label>
      <span className="hidden">{t("shell.theme")}</span>
      <select
        className="choice"
        value={theme}
        onChange={(event) => {
          const chosen = event.target.value as Theme;
          chooseTheme(chosen);
          setTheme(chosen);
        }}
      >
        {THEMES.map((one) => (
          <option key={one} value={one}>
            {t(`shell.themes.${one}`)}
          </option>
        ))}
      </select>
    </label>
  );
}
