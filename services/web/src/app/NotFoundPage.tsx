import { useTranslation } from "react-i18next";
import { Page } from "../ui/Page";

/** There is no such page. */
export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <Page title={t("notFound.title")}>
      <p>{t("notFound.what")}</p>
      <p>
        <a href="/">{t("notFound.home")}</a>
      </p>
    </Page>
  );
}
