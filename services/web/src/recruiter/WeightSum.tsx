import { useTranslation } from "react-i18next";
import { FULL } from "./positionDraft";

/** What weights sum to, as it is typed. */
export function WeightSum({ sum }: { sum: number }) {
  const { t } = useTranslation();
  const key = sum === FULL ? "full" : sum < FULL ? "less" : "more";
  return (
    <p className={sum === FULL ? "sum sum-full" : "sum"} role="status">
      {t(`recruiter.sum.${key}`, { sum, off: Math.abs(FULL - sum) })}
    </p>
  );
}
