import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Page } from "../ui/Page";

/** For who comes without a link. */
export function HomePage() {
  const { t } = useTranslation();
  return (
    <Page title={t("home.title")}>
      <p>{t("home.candidate")}</p>
      <p className="muted">{t("home.staff")}</p>
      <p>
        <Link to="/positions">{t("home.signIn")}</Link>
      </p>
    </Page>
  );
}
