import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import { Page } from "../ui/Page";

/** A fault of ours, without its trace: what was kept is kept, loading again is the way on. */
export function FailedPage() {
  const { t } = useTranslation();
  return (
    <Page title={t("failed.title")}>
      <p>{t("failed.what")}</p>
      <div>
        <Button onClick={() => window.location.reload()}>{t("failed.again")}</Button>
      </div>
    </Page>
  );
}
