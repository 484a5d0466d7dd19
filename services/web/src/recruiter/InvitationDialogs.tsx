import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CandidateRow } from "../api/candidates";
import { reissue, revoke } from "../api/invitations";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Notice } from "../ui/Notice";
import { DialogFoot } from "./DialogFoot";
import { OneLink } from "./LinkList";
import { ValidFor, WEEK } from "./ValidFor";

interface Props {
  row: CandidateRow;
  onClose: () => void;
}

/** Makes a new link, to be sent again; the one before is void. */
export function ReissueDialog({ row, onClose }: Props) {
  const { t } = useTranslation();
  const name = row.candidate?.name ?? "";
  const [seconds, setSeconds] = useState(WEEK);
  const making = useMutation({ mutationFn: () => reissue(row.interview_id, seconds) });
  return (
    <Dialog title={t("recruiter.reissue.title", { name })} onClose={onClose}>
      {making.data ? (
        <>
          <Notice tone="ok" title={t("recruiter.reissue.made")} live>
            <p>{t("recruiter.links.once")}</p>
          </Notice>
          <OneLink made={making.data} />
          <Button kind="plain" onClick={onClose}>
            {t("recruiter.close")}
          </Button>
        </>
      ) : (
        <>
          <p>{t("recruiter.reissue.what")}</p>
          <ValidFor value={seconds} onChange={setSeconds} />
          <DialogFoot change={making} onClose={onClose}>
            <Button busy={making.isPending} onClick={() => making.mutate()}>
              {t("recruiter.reissue.send")}
            </Button>
          </DialogFoot>
        </>
      )}
    </Dialog>
  );
}

/** Withdraws an invitation. */
export function RevokeDialog({ row, onClose }: Props) {
  const { t } = useTranslation();
  const name = row.candidate?.name ?? "";
  const revoking = useMutation({ mutationFn: () => revoke(row.interview_id), onSuccess: onClose });
  return (
    <Dialog title={t("recruiter.revoke.title", { name })} onClose={onClose}>
      <p>{t("recruiter.revoke.what")}</p>
      <DialogFoot change={revoking} onClose={onClose}>
        <Button kind="danger" busy={revoking.isPending} onClick={() => revoking.mutate()}>
          {t("recruiter.revoke.send")}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
