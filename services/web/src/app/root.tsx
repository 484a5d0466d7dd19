/** The route above all others. */
import { createRootRoute } from "@tanstack/react-router";
import { FailedPage } from "./FailedPage";
import { NotFoundPage } from "./NotFoundPage";
import { Shell } from "./Shell";

export const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFoundPage,
  errorComponent: FailedPage,
});
