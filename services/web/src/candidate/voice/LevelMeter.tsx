import { useTranslation } from "react-i18next";

/** dBFS at which the meter begins: a quiet room. */
const LEAST = -60;

/** How loud it is, 0 to 100. `dbfs` null: nothing comes through. */
export function percentOf(dbfs: number | null): number {
  if (dbfs === null) return 0;
  return Math.round(Math.min(Math.max((dbfs - LEAST) / -LEAST, 0), 1) * 100);
}

function loudness(percent: number): "none" | "quiet" | "good" {
  if (percent < 10) return "none";
  return percent < 35 ? "quiet" : "good";
}

/** How loud the voice is that reaches Viva. */
export function LevelMeter({ dbfs }: { dbfs: number | null }) {
  const { t } = useTranslation();
  const percent = percentOf(dbfs);
  return (
    <div className="level">
      <span className="muted small" aria-hidden="true">
        {t("voice.level.title")}
      </span>
      <meter
        className="level-bar"
        aria-label={t("voice.level.title")}
        aria-valuetext={t(`voice.level.${loudness(percent)}`)}
        min={0}
        max={100}
        value={percent}
      />
    </div>
  );
}
