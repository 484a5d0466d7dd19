import { useTranslation } from "react-i18next";
import type { PublishState } from "../api/positions";

const LOOKS = { draft: "tag tag-warn", published: "tag tag-ok", archived: "tag" } as const;

/** Where a position or a rubric is in its life. */
export function StateTag({ state }: { state: PublishState | null }) {
  const { t } = useTranslation();
  if (state === null) return null;
  return <span className={LOOKS[state]}>{t(`recruiter.states.${state}`)}</span>;
}
