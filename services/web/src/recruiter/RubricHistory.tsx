import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { getRubricVersion, type RubricVersion } from "../api/rubrics";
import { Select } from "../ui/Inputs";
import { Asked } from "./Problems";
import { type Difference, differences } from "./rubricDraft";
import { moment } from "./times";

/** What a version changed, compared with the one before it. */
export function RubricHistory({ newest }: { newest: RubricVersion }) {
  const { t } = useTranslation();
  const { rubric_id, version: last } = newest.rubric;
  const [version, setVersion] = useState(last);
  const shown = Math.min(version, last);
  const pair = useQuery({
    queryKey: ["rubrics", rubric_id, "versions", shown, shown === last ? newest.rubric.sha256 : ""],
    queryFn: () => Promise.all([getRubricVersion(rubric_id, shown - 1), getRubricVersion(rubric_id, shown)]),
  });
  return (
    <section className="card stack" aria-labelledby="history">
      <h2 id="history">{t("recruiter.history.title")}</h2>
      <Select
        label={t("recruiter.history.version")}
        value={String(shown)}
        onChange={(chosen) => setVersion(Number(chosen))}
      >
        {Array.from({ length: last - 1 }, (_, index) => last - index).map((one) => (
          <option key={one} value={one}>
            {t("recruiter.history.against", { version: one, before: one - 1 })}
          </option>
        ))}
      </Select>
      <Asked query={pair}>{([before, after]) => <Changes before={before} after={after} />}</Asked>
    </section>
  );
}

function Changes({ before, after }: { before: RubricVersion; after: RubricVersion }) {
  const { t } = useTranslation();
  const found = differences(before, after);
  return (
    <div className="stack-tight">
      <p className="muted small">
        {after.published_at === null
          ? t("recruiter.history.draft")
          : t("recruiter.history.published", { at: moment(after.published_at) })}
      </p>
      {found.length === 0 && <p>{t("recruiter.history.same")}</p>}
      <ul className="plain">
        {found.map((one) => (
          <li key={JSON.stringify(one)}>
            <Change one={one} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Change({ one }: { one: Difference }) {
  const { t } = useTranslation();
  const { criterion } = one;
  if (one.kind === "added" || one.kind === "removed")
    return t(`recruiter.history.${one.kind}`, { criterion });
  const what =
    one.kind === "anchor"
      ? t("recruiter.history.anchor", { criterion, band: one.band })
      : t(`recruiter.history.${one.kind === "title" ? "name" : one.kind}`, { criterion });
  return (
    <>
      <strong>{what}</strong>
      <div className="before-after">
        <p>
          <span className="muted small">{t("recruiter.history.before")}</span>{" "}
          <del>{one.before === "" ? "–" : one.before}</del>
        </p>
        <p>
          <span className="muted small">{t("recruiter.history.after")}</span>{" "}
          <ins>{one.after === "" ? "–" : one.after}</ins>
        </p>
      </div>
    </>
  );
}
