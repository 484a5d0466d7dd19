import type { UseMutationResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import { ProblemNotice } from "./Problems";

/** The end of a dialog that asks for a change: what went wrong with it, the button that makes it, and the way back. */
export function DialogFoot<T, V>({
  change,
  onClose,
  children,
}: {
  change: UseMutationResult<T, Error, V>;
  onClose: () => void;
  /** The button; saving what was typed, unless it says otherwise. */
  children?: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <>
      {change.error !== null && <ProblemNotice error={change.error} />}
      <div className="row">
        {children ?? (
          <Button type="submit" busy={change.isPending}>
            {t("recruiter.save")}
          </Button>
        )}
        <Button kind="plain" onClick={onClose}>
          {t("recruiter.cancel")}
        </Button>
      </div>
    </>
  );
}
