import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { CandidatePage } from "../../api/candidates";
import { exportAddress, listToCompare } from "../../api/compare";
import { spokenLanguage } from "../../i18n";
import { Button } from "../../ui/Button";
import { Empty } from "../../ui/Empty";
import { Page } from "../../ui/Page";
import { Asked } from "../Problems";
import { mayRecruit, useMe } from "../session";
import "./compare.css";
import { ComparisonTable } from "./ComparisonTable";
import { competenciesOf, type View, wantedOf } from "./comparison";
import { Filters } from "./Filters";
import { Plot } from "./Plot";

const route = getRouteApi("/staff/positions/$positionId/compare");

/** The candidates of a position side by side, competency by competency. */
export function ComparePage() {
  const { t } = useTranslation();
  const { positionId } = route.useParams();
  const view = route.useSearch();
  const navigate = useNavigate({ from: "/positions/$positionId/compare" });
  const show = (next: View) => void navigate({ search: next, replace: true, resetScroll: false });
  const wanted = wantedOf(view);
  const found = useQuery({
    queryKey: ["candidates", positionId, "compare", wanted],
    queryFn: () => listToCompare(positionId, wanted),
    placeholderData: keepPreviousData,
  });
  return (
    <Page title={t("reviewer.compare.title")} lead={<p>{t("reviewer.compare.lead")}</p>}>
      <Asked query={found}>
        {(page) => <Compared page={page} positionId={positionId} view={view} onView={show} />}
      </Asked>
    </Page>
  );
}

function Compared({
  page,
  positionId,
  view,
  onView,
}: {
  page: CandidatePage;
  positionId: string;
  view: View;
  onView: (view: View) => void;
}) {
  const { t } = useTranslation();
  const rows = page.items;
  const narrowed = view.q !== undefined || view.decision !== undefined || view.covered !== undefined;
  if (rows.length === 0 && !narrowed) {
    return (
      <Empty title={t("reviewer.compare.none.title")}>
        <p>{t("reviewer.compare.none.what")}</p>
      </Empty>
    );
  }
  const competencies = competenciesOf(rows);
  return (
    <>
      <Filters view={view} onView={onView} />
      {rows.length === 0 ? (
        <Empty title={t("reviewer.compare.noMatch.title")}>
          <p>{t("reviewer.compare.noMatch.what")}</p>
          <div>
            <Button
              kind="plain"
              onClick={() => {
                const { by, up } = view;
                onView({ ...(by === undefined ? {} : { by }), ...(up === undefined ? {} : { up }) });
              }}
            >
              {t("reviewer.compare.noMatch.clear")}
            </Button>
          </div>
        </Empty>
      ) : (
        <>
          <div className="row apart">
            <p role="status">{t("reviewer.compare.found", { count: rows.length })}</p>
            <p className="small muted">{t("reviewer.compare.keys")}</p>
          </div>
          {page.next_cursor !== null && (
            <p className="small">{t("reviewer.compare.more", { count: rows.length })}</p>
          )}
          <ComparisonTable rows={rows} competencies={competencies} view={view} onView={onView} />
          <Plot rows={rows} competencies={competencies} />
        </>
      )}
      {rows.length > 0 && <Exports positionId={positionId} view={view} />}
    </>
  );
}

/** The list as a file: the same filter and the same order. */
function Exports({ positionId, view }: { positionId: string; view: View }) {
  const { t } = useTranslation();
  if (!mayRecruit(useMe())) return null;
  return (
    <section className="stack-tight" aria-labelledby="export-title">
      <h2 id="export-title">{t("reviewer.compare.export")}</h2>
      <div className="row">
        {(["csv", "json", "pdf"] as const).map((format) => (
          <a
            key={format}
            className="button button-plain"
            href={exportAddress(positionId, wantedOf(view), format, spokenLanguage())}
            download
          >
            {format.toUpperCase()}
          </a>
        ))}
      </div>
    </section>
  );
}
