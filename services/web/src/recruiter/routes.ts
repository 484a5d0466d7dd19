/** The staff's pages. Each is fetched when it is opened, so that a candidate loads none of them. */
import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { root } from "../app/root";
import { learnStaffWords } from "../i18n";
import { viewOf } from "./compare/comparison";

const frame = createRoute({
  getParentRoute: () => root,
  id: "staff",
  beforeLoad: learnStaffWords,
  component: lazyRouteComponent(() => import("./Frame"), "Frame"),
});

const positions = createRoute({
  getParentRoute: () => frame,
  path: "/positions",
  component: lazyRouteComponent(() => import("./PositionsPage"), "PositionsPage"),
});

/** What belongs to one position stands below this one, beside its tabs. */
const position = createRoute({
  getParentRoute: () => frame,
  path: "/positions/$positionId",
  component: lazyRouteComponent(() => import("./PositionFrame"), "PositionFrame"),
});

const board = createRoute({
  getParentRoute: () => position,
  path: "/",
  component: lazyRouteComponent(() => import("./BoardPage"), "BoardPage"),
});

const staffEntry = createRoute({
  getParentRoute: () => frame,
  path: "/staff",
  beforeLoad: () => {
    throw redirect({ to: "/positions" });
  },
});

const interview = createRoute({
  getParentRoute: () => frame,
  path: "/interviews/$interviewId",
  component: lazyRouteComponent(() => import("./interview/InterviewPage"), "InterviewPage"),
});

const compare = createRoute({
  getParentRoute: () => position,
  path: "/compare",
  validateSearch: viewOf,
  component: lazyRouteComponent(() => import("./compare/ComparePage"), "ComparePage"),
});

export const staff = frame.addChildren([
  staffEntry,
  positions,
  position.addChildren([board, compare]),
  interview,
]);
