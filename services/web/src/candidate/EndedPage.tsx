import { useTranslation } from "react-i18next";
import type { Interview } from "../api/interview";
import { Page } from "../ui/Page";

/** The interview is over before its end: why, and the way on. */
export function EndedPage({ interview }: { interview: Interview }) {
  const { t } = useTranslation();
  const how = interview.state === "erased" || interview.state === "abandoned" ? interview.state : "expired";
  return (
    <Page title={t(`ended.${how}.title`)}>
      <p>{t(`ended.${how}.what`)}</p>
      <p>{t(`ended.${how}.way`)}</p>
    </Page>
  );
}
