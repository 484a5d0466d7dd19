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

const newPosition = createRoute({
  getParentRoute: () => frame,
  path: "/positions/new",
  component: lazyRouteComponent(() => import("./NewPositionPage"), "NewPositionPage"),
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

const invite = createRoute({
  getParentRoute: () => position,
  path: "/invite",
  component: lazyRouteComponent(() => import("./InvitePage"), "InvitePage"),
});

const about = createRoute({
  getParentRoute: () => position,
  path: "/about",
  component: lazyRouteComponent(() => import("./AboutPage"), "AboutPage"),
});

const rubrics = createRoute({
  getParentRoute: () => frame,
  path: "/rubrics",
  component: lazyRouteComponent(() => import("./RubricsPage"), "RubricsPage"),
});

const newRubric = createRoute({
  getParentRoute: () => frame,
  path: "/rubrics/new",
  component: lazyRouteComponent(() => import("./NewRubricPage"), "NewRubricPage"),
});

const rubric = createRoute({
  getParentRoute: () => frame,
  path: "/rubrics/$rubricId",
  component: lazyRouteComponent(() => import("./RubricPage"), "RubricPage"),
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

const administration = createRoute({
  getParentRoute: () => frame,
  path: "/administration",
  component: lazyRouteComponent(() => import("./admin/AdminFrame"), "AdminFrame"),
});

const administrationEntry = createRoute({
  getParentRoute: () => administration,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/administration/webhooks" });
  },
});

const webhooks = createRoute({
  getParentRoute: () => administration,
  path: "/webhooks",
  component: lazyRouteComponent(() => import("./admin/WebhooksPage"), "WebhooksPage"),
});

const webhook = createRoute({
  getParentRoute: () => administration,
  path: "/webhooks/$webhookId",
  component: lazyRouteComponent(() => import("./admin/WebhookPage"), "WebhookPage"),
});

const people = createRoute({
  getParentRoute: () => administration,
  path: "/people",
  component: lazyRouteComponent(() => import("./admin/PeoplePage"), "PeoplePage"),
});

const audit = createRoute({
  getParentRoute: () => administration,
  path: "/audit",
  component: lazyRouteComponent(() => import("./admin/AuditPage"), "AuditPage"),
});

const signInSettings = createRoute({
  getParentRoute: () => administration,
  path: "/sign-in",
  component: lazyRouteComponent(() => import("./admin/SignInSettingsPage"), "SignInSettingsPage"),
});

const retention = createRoute({
  getParentRoute: () => administration,
  path: "/retention",
  component: lazyRouteComponent(() => import("./admin/RetentionPage"), "RetentionPage"),
});

const deadLetters = createRoute({
  getParentRoute: () => administration,
  path: "/dead-letters",
  component: lazyRouteComponent(() => import("./admin/DeadLettersPage"), "DeadLettersPage"),
});

export const staff = frame.addChildren([
  staffEntry,
  positions,
  newPosition,
  position.addChildren([board, compare, invite, about]),
  rubrics,
  newRubric,
  rubric,
  interview,
  administration.addChildren([
    administrationEntry,
    webhooks,
    webhook,
    people,
    signInSettings,
    retention,
    deadLetters,
    audit,
  ]),
]);
