/** Which page lives at which address; each is fetched when it is opened. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { FailedPage } from "./FailedPage";
import { NotFoundPage } from "./NotFoundPage";
import { Shell } from "./Shell";

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFoundPage,
  errorComponent: FailedPage,
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("./HomePage"), "HomePage"),
});

const interview = createRoute({
  getParentRoute: () => root,
  path: "/interview",
  component: lazyRouteComponent(() => import("../candidate/Entry"), "Entry"),
});

/** The router. */
export function createPages() {
  return createRouter({
    routeTree: root.addChildren([home, interview]),
    defaultErrorComponent: FailedPage,
    scrollRestoration: false,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createPages>;
  }
}
