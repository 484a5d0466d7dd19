import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { listAudit } from "../../api/interviews";
import { AuditTable } from "../admin/AuditTable";

/** Who read and decided what of this interview; asked for when it is opened, for asking is written down too. */
export function AuditTrail({ interviewId }: { interviewId: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const audit = useInfiniteQuery({
    queryKey: ["audit", interviewId],
    queryFn: ({ pageParam }) => listAudit(interviewId, pageParam),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor,
    enabled: open,
  });
  return (
    <details className="card" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h2 className="inline">{t("reviewer.audit.ofInterview")}</h2>
      </summary>
      <div className="stack details-body">{open && <AuditTable query={audit} />}</div>
    </details>
  );
}
