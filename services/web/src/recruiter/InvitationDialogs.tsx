import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CandidateRow } from "../api/candidates";
import { getInterview } from "../api/interviews";
import { type CreatedInvitation, invite, reissue, revoke } from "../api/invitations";
import { Problem, problemOf } from "../api/problems";
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
export function ReissueDialog(props: Props) {
  const { t } = useTranslation();
  const { interview_id } = props.row;
  return (
    <LinkDialog
      {...props}
      what={t("recruiter.reissue.what")}
      make={(seconds) => reissue(interview_id, seconds)}
    />
  );
}

/** Invites somebody again whose link ran out or was withdrawn: a new interview, with the extra time of before. */
export function InviteAnewDialog(props: Props) {
  const { t } = useTranslation();
  // Whoever presses again, because no answer came, makes no second interview.
  const [key] = useState(() => crypto.randomUUID());
  return (
    <LinkDialog
      {...props}
      what={t("recruiter.reissue.anew")}
      make={(seconds) => inviteAnew(props.row, seconds, key)}
    />
  );
}

function LinkDialog({
  row,
  onClose,
  what,
  make,
}: Props & { what: string; make: (seconds: number) => Promise<CreatedInvitation> }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const name = row.candidate?.name ?? "";
  const [seconds, setSeconds] = useState(WEEK);
  const making = useMutation({
    mutationFn: () => make(seconds),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["candidates", row.position_id] }),
  });
  const unsure = making.error !== null && problemOf(making.error).passing;
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
          <p>{what}</p>
          {/* What may have been made already must be asked for in the same words. */}
          {!unsure && <ValidFor value={seconds} onChange={setSeconds} />}
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

/** The row does not say what time the person was granted; an accommodation must not be lost on the way. */
async function inviteAnew(row: CandidateRow, seconds: number, key: string): Promise<CreatedInvitation> {
  const { candidate, extra_time_percent } = await getInterview(row.interview_id);
  if (candidate === null) throw new Problem(404, "ERASED", "the interview was erased");
  const { name, email } = candidate;
  const wanted = { candidate: { name, email }, scheduled_at: null, extra_time_percent };
  const [made] = await invite(row.position_id, [wanted], seconds, key);
  if (made === undefined) throw new Problem(500, "NO_LINK", "no link came back");
  return made;
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
