/** A candidate's page begins here. What it needs is asked for while the pages themselves are still on their way: on a slow
 * line each request that waits for the one before it costs time before an empty page. */
import { preferred, WORDS } from "../i18n/choice";
import { enterEarly } from "./link";

const AGAIN = 3000;

enterEarly();
// Whoever needs these two asks again, and says what is wrong.
WORDS[preferred()]().catch(() => {});
import("./Entry").catch(() => {});
import("../app/main").catch(() => setTimeout(() => window.location.reload(), AGAIN));
