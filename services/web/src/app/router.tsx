/** Which page lives at which address; each is fetched when it is opened. */
import { createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { learnStaffWords } from "../i18n";
import { staff } from "../recruiter/routes";
import { FailedPage } from "./FailedPage";
import { fetched } from "./fetched";
import { root } from "./root";

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => fetched(() => import("./HomePage")), "HomePage"),
});

const interview = createRoute({
  getParentRoute: () => root,
  path: "/interview",
  component: lazyRouteComponent(() => fetched(() => import("../candidate/Entry")), "Entry"),
});

/** Every component in every state, for who works on them; a build has neither the address nor the page. */
function components() {
  if (!import.meta.env.DEV) return [];
  const page = createRoute({
    getParentRoute: () => root,
    path: "/ui",
    beforeLoad: learnStaffWords,
    component: lazyRouteComponent(() => import("../gallery/GalleryPage"), "GalleryPage"),
  });
  return [page];
}

/** The router. */
export function createPages() {
  return createRouter({
    routeTree: root.addChildren([home, interview, staff, ...components()]),
    defaultErrorComponent: FailedPage,
    scrollRestoration: false,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createPages>;
  }
}
