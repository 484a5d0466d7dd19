import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  build: {
    target: ["chrome123", "firefox128", "safari17.5"],
    manifest: true,
    // The candidate's address has a page of its own, which asks early for what the first page needs.
    rollupOptions: { input: ["index.html", "interview.html"] },
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
    // Node would give it the CommonJS of intl-messageformat, without its default export.
    server: { deps: { inline: ["i18next-icu"] } },
  },
});
