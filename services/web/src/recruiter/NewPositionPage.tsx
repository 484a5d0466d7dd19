import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Page } from "../ui/Page";
import { PositionEditor } from "./PositionEditor";

/** Makes a position. */
export function NewPositionPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <Page title={t("recruiter.positions.new")} lead={<p>{t("recruiter.editor.lead")}</p>}>
      <PositionEditor
        position={null}
        onMade={({ position_id }) =>
          void navigate({
            to: "/positions/$positionId/about",
            params: { positionId: position_id },
            replace: true,
          })
        }
      />
    </Page>
  );
}
