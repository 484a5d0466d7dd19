import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, Outlet } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { getPosition } from "../api/positions";
import { Tabs } from "../ui/Tabs";
import { Asked } from "./Problems";
import { StateTag } from "./StateTag";
import { mayRecruit, useMe } from "./session";

/** What is asked of one position, by everything that stands below it. */
export function usePosition(positionId: string) {
  return useQuery({ queryKey: ["positions", positionId], queryFn: () => getPosition(positionId) });
}

const route = getRouteApi("/staff/positions/$positionId");

/** What is around each page of one position: which one, and its tabs. */
export function PositionFrame() {
  const { t } = useTranslation();
  const { positionId } = route.useParams();
  const me = useMe();
  const position = usePosition(positionId);
  return (
    <Asked query={position} heading={t("recruiter.nav.positions")}>
      {(found) => (
        <>
          <div className="crumb">
            <Link to="/positions">{t("recruiter.nav.positions")}</Link>
            <span aria-hidden="true">/</span>
            <strong>{found.spec?.title}</strong>
            <StateTag state={found.state} />
          </div>
          <Tabs label={t("recruiter.position.tabs")}>
            <Link to="/positions/$positionId" params={{ positionId }} activeOptions={{ exact: true }}>
              {t("recruiter.position.board")}
            </Link>
            <Link to="/positions/$positionId/compare" params={{ positionId }}>
              {t("reviewer.compare.tab")}
            </Link>
            {mayRecruit(me) && found.state === "published" && (
              <Link to="/positions/$positionId/invite" params={{ positionId }}>
                {t("recruiter.position.invite")}
              </Link>
            )}
            <Link to="/positions/$positionId/about" params={{ positionId }}>
              {t("recruiter.position.about")}
            </Link>
          </Tabs>
          <Outlet />
        </>
      )}
    </Asked>
  );
}
