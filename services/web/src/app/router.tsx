/** Which page lives at which address; each is fetched when it is opened. */
import { createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
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

/** The router. */
export function createPages() {
  return createRouter({
    routeTree: root.addChildren([home, interview, staff]),
    defaultErrorComponent: FailedPage,
    scrollRestoration: false,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createPages>;
  }
}
