import { Link, Outlet } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Notice } from "../../ui/Notice";
import { Page } from "../../ui/Page";
import { Tabs } from "../../ui/Tabs";
import { mayAdminister, useMe } from "../session";
import "./admin.css";

/** What is around the pages of the administration; others than administrators are told so. */
export function AdminFrame() {
  const { t } = useTranslation();
  if (!mayAdminister(useMe())) {
    return (
      <Page title={t("reviewer.nav.administration")}>
        <Notice tone="bad" title={t("recruiter.problems.denied.title")}>
          <p>{t("recruiter.problems.denied.what")}</p>
        </Notice>
      </Page>
    );
  }
  return (
    <>
      <Tabs label={t("reviewer.admin.tabs.label")}>
        <Link to="/administration/webhooks">{t("reviewer.admin.tabs.webhooks")}</Link>
        <Link to="/administration/people">{t("reviewer.admin.tabs.people")}</Link>
        <Link to="/administration/sign-in">{t("reviewer.admin.tabs.signIn")}</Link>
        <Link to="/administration/retention">{t("reviewer.admin.tabs.retention")}</Link>
        <Link to="/administration/dead-letters">{t("reviewer.admin.tabs.dead")}</Link>
        <Link to="/administration/audit">{t("reviewer.admin.tabs.audit")}</Link>
      </Tabs>
      <Outlet />
    </>
  );
}
