import { useBlocker } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";

/** Asks before what was typed is lost. `unsaved` is asked when somebody leaves. */
export function LeaveGuard({ unsaved }: { unsaved: () => boolean }) {
  const { t } = useTranslation();
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: unsaved,
    enableBeforeUnload: unsaved,
    withResolver: true,
  });
  if (status !== "blocked") return null;
  return (
    <Dialog title={t("recruiter.leave.title")} onClose={reset}>
      <p>{t("recruiter.leave.what")}</p>
      <div className="row">
        <Button onClick={reset}>{t("recruiter.leave.stay")}</Button>
        <Button kind="danger" onClick={proceed}>
          {t("recruiter.leave.leave")}
        </Button>
      </div>
    </Dialog>
  );
}
