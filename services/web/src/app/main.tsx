/** The pages begin here. */
import "@fontsource-variable/inter/wght.css";
import "../tokens.css";
import "../base.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { startLanguages } from "../i18n";
import { createQueries } from "./queries";
import { createPages } from "./router";
import { applyTheme, chosenTheme } from "./theme";

async function start(): Promise<void> {
  applyTheme(chosenTheme());
  await startLanguages();
  const root = document.getElementById("root");
  if (root === null) throw new Error("index.html has no #root");
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={createQueries()}>
        <RouterProvider router={createPages()} />
      </QueryClientProvider>
    </StrictMode>,
  );
}

void start();
