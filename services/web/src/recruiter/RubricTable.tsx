import { useTranslation } from "react-i18next";
import type { RubricVersion } from "../api/rubrics";

/** A version of a rubric, to be read. */
export function RubricTable({ rubric }: { rubric: RubricVersion }) {
  const { t } = useTranslation();
  return (
    <>
      {rubric.rubric.criteria.map((one) => (
        <section key={one.criterion_id} className="card stack-tight item">
          <h2>{t("recruiter.editor.criterion", { title: one.title, weight: one.weight })}</h2>
          {one.description !== "" && <p>{one.description}</p>}
          <dl className="stack-tight">
            {one.anchors.map(({ band, description }) => (
              <div key={band}>
                <dt className="label">
                  {t("recruiter.rubric.band", {
                    band,
                    word: t(`recruiter.bands.${band as 1 | 2 | 3 | 4 | 5}`),
                  })}
                </dt>
                <dd>{description}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </>
  );
}
