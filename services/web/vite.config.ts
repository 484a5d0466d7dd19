import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** A file of a package, or another one. */
const within = (packages: string[], others: string[]) =>
  new RegExp(`node_modules/(${packages.join("|")})/|${others.join("|")}`);

/** What `candidate/early.ts` needs, and no more. */
const FIRST = within(
  ["openapi-fetch", "idb-keyval"],
  [
    "src/api/(client|interview|problems)\\.",
    "src/candidate/(keptFile|link|onDevice)\\.",
    "src/i18n/choice\\.",
    "vite/preload",
  ],
);
/** What every page needs. */
const BASE = within(
  [
    "react|react-dom|scheduler|use-sync-external-store|react-i18next|html-parse-stringify|void-elements",
    "@tanstack/(react-query|query-core|react-router|router-core|history|react-store|store)",
    "i18next|intl-messageformat|@formatjs/[^/]+|tslib",
  ],
  ["src/app/", "src/i18n/(index|messages)\\."],
);

export default defineConfig({
  plugins: [react()],
  build: {
    target: ["chrome123", "firefox128", "safari17.5"],
    manifest: true,
    // The candidate's address has a page of its own, which asks early for what the first page needs.
    rolldownOptions: {
      input: ["index.html", "interview.html"],
      // Few files at the start: a browser asks for six at a time, and on a slow line each round costs.
      output: {
        codeSplitting: {
          groups: [
            { name: "first", test: FIRST },
            { name: "base", test: BASE },
          ],
        },
      },
    },
    modulePreload: { polyfill: false },
    // The policy of the pages allows no data: address, so nothing is inlined.
    assetsInlineLimit: 0,
  },
  server: {
    // `npm run dev` beside `viva up`.
    proxy: { "/api": { target: process.env.VIVA_URL ?? "http://localhost:8080", ws: true } },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/testing/setup.ts"],
    restoreMocks: true,
    // A loaded machine is no failure of the pages.
    testTimeout: 60_000,
  },
});
