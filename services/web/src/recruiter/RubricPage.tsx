import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { getRubric, type RubricVersion } from "../api/rubrics";
import { Notice } from "../ui/Notice";
import { Page } from "../ui/Page";
import { Asked } from "./Problems";
import { RubricEditor } from "./RubricEditor";
import { RubricHistory } from "./RubricHistory";
import { RubricTable } from "./RubricTable";
import { textOf } from "./rubricDraft";
import { StateTag } from "./StateTag";
import { mayRecruit, useMe } from "./session";

const route = getRouteApi("/staff/rubrics/$rubricId");

/** One rubric: its newest version, to be changed, and what its versions changed. */
export function RubricPage() {
  const { t } = useTranslation();
  const { rubricId } = route.useParams();
  const rubric = useQuery({ queryKey: ["rubrics", rubricId], queryFn: () => getRubric(rubricId) });
  const [edition, setEdition] = useState(0);
  const reload = async () => {
    await rubric.refetch();
    setEdition((now) => now + 1);
  };
  return (
    <>
      <div className="crumb">
        <Link to="/rubrics">{t("recruiter.nav.rubrics")}</Link>
      </div>
      <Asked query={rubric} heading={t("recruiter.nav.rubrics")}>
        {(found) => <One key={`${rubricId} ${edition}`} found={found} onReload={() => void reload()} />}
      </Asked>
    </>
  );
}

/** Keeps what it began from: another's change is told when one's own is saved, and never taken for one's own. */
function One({ found, onReload }: { found: RubricVersion; onReload: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const [base, setBase] = useState(found);
  const [told, setTold] = useState<"saved" | "published" | null>(null);
  return (
    <Page
      title={base.title}
      lead={
        <p className="row">
          <StateTag state={base.state} />
          <span>{t("recruiter.rubric.version", { version: base.rubric.version })}</span>
          {base.language && <span>{t(`recruiter.languages.${base.language}`)}</span>}
        </p>
      }
    >
      {told !== null && <Notice tone="ok" title={t(`recruiter.rubric.told.${told}`)} live />}
      {base.state === "published" && mayRecruit(me) && (
        <p className="muted measure">{t("recruiter.rubric.frozen", { version: base.rubric.version })}</p>
      )}
      {mayRecruit(me) ? (
        <RubricEditor
          key={`${base.rubric.version} ${base.rubric.sha256} ${base.state}`}
          rubric={base}
          language={base.language ?? "en"}
          begin={textOf(base)}
          onSaved={(saved) => {
            setTold(saved.state === "published" ? "published" : "saved");
            setBase(saved);
          }}
          onReload={onReload}
        />
      ) : (
        <RubricTable rubric={base} />
      )}
      {base.rubric.version > 1 && <RubricHistory newest={base} />}
    </Page>
  );
}
