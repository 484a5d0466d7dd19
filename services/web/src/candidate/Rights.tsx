import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Interview, Receipt, RequestKind } from "../api/interview";
import { Button } from "../ui/Button";
import { AskDialog, EraseDialog, Fetching } from "./pages";

/** Ask for a person or an accommodation, and have everything erased: at any time. */
export function Rights({
  interview,
  onErased,
}: {
  interview: Interview;
  onErased: (receipt: Receipt | "lost") => void;
}) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<RequestKind | "erase" | null>(null);
  const close = () => setOpen(null);
  return (
    <section className="rights card stack" aria-label={t("rights.title")}>
      <h2>{t("rights.title")}</h2>
      <p className="muted">{t("rights.what", { employer: interview.tenant_name })}</p>
      <div className="row">
        <Button kind="plain" onClick={() => setOpen("human_review")}>
          {t("rights.human")}
        </Button>
        <Button kind="plain" onClick={() => setOpen("accommodation")}>
          {t("rights.accommodation")}
        </Button>
        <Button kind="danger" onClick={() => setOpen("erase")}>
          {t("rights.erase")}
        </Button>
      </div>
      {interview.requests.length > 0 && (
        <ul className="plain-list stack-tight">
          {interview.requests.map((one) => (
            <li key={one.request_id} className="asked stack-tight">
              <p>
                <strong>{t(one.kind === "accommodation" ? "rights.accommodation" : "rights.human")}</strong>
                {one.text !== "" && <> — {one.text}</>}
              </p>
              <p className={one.resolved_at === null ? "muted" : undefined}>
                {one.resolved_at === null
                  ? t("rights.waiting")
                  : t("rights.answered", { answer: one.answer })}
              </p>
            </li>
          ))}
        </ul>
      )}
      <Suspense fallback={<Fetching />}>
        {(open === "human_review" || open === "accommodation") && (
          <AskDialog kind={open} interviewId={interview.interview_id} onClose={close} />
        )}
        {open === "erase" && <EraseDialog onClose={close} onErased={onErased} />}
      </Suspense>
    </section>
  );
}
