import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { act, render, screen } from "@testing-library/react";
import axe from "axe-core";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { learnStaffWords, speak, startLanguages } from "../i18n";
import { GalleryPage } from "./GalleryPage";

/** What asks for something by itself, or belongs to a route: a page, or the greater part of one. */
const ASKS =
  /\buse(Query|InfiniteQuery|Mutation|Navigate|Blocker|RouterState|Me|Position|Board|Entered|Send|Sending|Waiting|HeldVoice|Found)\b|getRouteApi|<Asked\b/;
/** Drawn with their pages alone: made of parts that ask, or of what a device or its browser gives. */
const WITH_THEIR_PAGES = [
  "Answering",
  "AuditTable",
  "AuditTrail",
  "DeliveryLog",
  "Evidence",
  "Frame",
  "NoEntry",
  "PeopleInput",
  "ReadAloud",
  "Rights",
  "SelfView",
  "Shell",
  "Transcript",
  "VoiceCheck",
];

const sources = import.meta.glob<string>(
  ["../**/*.tsx", "!../**/*.test.tsx", "!../gallery/**", "!../app/main.tsx", "!../app/r*.tsx"],
  { query: "?raw", import: "default", eager: true },
);

function drawnFromWhatTheyAreGiven(): string[] {
  return Object.entries(sources)
    .filter(([path, source]) => path.startsWith("../ui/") || !ASKS.test(source))
    .flatMap(([, source]) =>
      [...source.matchAll(/^export function ([A-Z]\w+)/gm)].map(([, name]) => name ?? ""),
    )
    .filter((name) => !/.Page$/.test(name) && !WITH_THEIR_PAGES.includes(name));
}

beforeAll(startLanguages);
beforeAll(learnStaffWords);
beforeEach(() => {
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
});

async function show(language: "en" | "ko") {
  await speak(language, false);
  const root = createRootRoute();
  const page = createRoute({ getParentRoute: () => root, path: "/", component: GalleryPage });
  const router = createRouter({ routeTree: root.addChildren([page]), history: createMemoryHistory() });
  await act(() => router.load());
  const { container } = render(
    <QueryClientProvider client={new QueryClient()}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  await screen.findAllByRole("heading", { level: 1, name: "/ui" });
  return container;
}

describe("the page of all components", () => {
  it("has each that is drawn from what it is given", async () => {
    const container = await show("en");
    const shown = [...container.querySelectorAll("[data-component]")].map((one) =>
      one.getAttribute("data-component"),
    );
    const wanted = drawnFromWhatTheyAreGiven();
    expect(wanted).toContain("Button");
    expect(wanted.filter((name) => !shown.includes(name))).toEqual([]);
  });

  it("can be used by everybody", async () => {
    const container = await show("en");
    const { violations } = await axe.run(container, {
      // jsdom knows no colours, and the same component in two states has the same name twice.
      rules: {
        "color-contrast": { enabled: false },
        "landmark-unique": { enabled: false },
        region: { enabled: false },
      },
    });
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  });

  it("has all its words in Korean", async () => {
    const container = await show("ko");
    expect(container.textContent).toContain("저장");
    expect(container.textContent).not.toMatch(/\b(recruiter|reviewer|voice|review|answer)\.[a-z]\w*\.\w/);
  });
});
