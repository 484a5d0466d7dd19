/** The pages and dialogs that a candidate comes to later. Each is a part of its own, fetched ahead once the page is idle. */
import { type ComponentType, lazy } from "react";
import { useTranslation } from "react-i18next";
import { fetched, useWaiting } from "../app/fetched";
import { Page } from "../ui/Page";

/** In the order in which they are needed. */
export const AHEAD: (() => Promise<unknown>)[] = [];

// biome-ignore lint/suspicious/noExplicitAny: whatever properties the component has
function part<C extends ComponentType<any>>(load: () => Promise<C>) {
  AHEAD.push(load);
  return lazy(() => fetched(load).then((component) => ({ default: component })));
}

export const ConsentPage = part(() => import("./ConsentPage").then((one) => one.ConsentPage));
export const PreparePage = part(() => import("./PreparePage").then((one) => one.PreparePage));
export const InterviewPage = part(() => import("./InterviewPage").then((one) => one.InterviewPage));
export const AskDialog = part(() => import("./AskDialog").then((one) => one.AskDialog));
export const ReviewPage = part(() => import("./ReviewPage").then((one) => one.ReviewPage));
export const FeedbackPage = part(() => import("./FeedbackPage").then((one) => one.FeedbackPage));
export const EraseDialog = part(() => import("./EraseDialog").then((one) => one.EraseDialog));
export const ReceiptPage = part(() => import("./ReceiptPage").then((one) => one.ReceiptPage));
export const EndedPage = part(() => import("./EndedPage").then((one) => one.EndedPage));
AHEAD.push(() => import("./voice/VoiceCall"));

/** While a page is fetched; says so when the server is away. */
export function Opening() {
  const { t } = useTranslation();
  const waiting = useWaiting();
  if (!waiting) return <Fetching />;
  return (
    <Page title={t("send.waiting.title")}>
      <Fetching />
    </Page>
  );
}

/** As `Opening`, of a part of a page that is there. */
export function Fetching() {
  const { t } = useTranslation();
  const waiting = useWaiting();
  return (
    <p className="working" role="status">
      {t(waiting ? "entry.waiting" : "entry.opening")}
    </p>
  );
}
