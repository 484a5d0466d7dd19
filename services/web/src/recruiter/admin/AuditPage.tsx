import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { listAudit } from "../../api/interviews";
import { Page } from "../../ui/Page";
import { AuditTable } from "./AuditTable";

/** Who read and decided what, of everything. */
export function AuditPage() {
  const { t } = useTranslation();
  const audit = useInfiniteQuery({
    queryKey: ["audit"],
    queryFn: ({ pageParam }) => listAudit(null, pageParam),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor,
  });
  return (
    <Page title={t("reviewer.audit.title")} lead={<p>{t("reviewer.audit.lead")}</p>}>
      <AuditTable query={audit} />
    </Page>
  );
}
