import { useTranslation } from "react-i18next";
import { Select } from "../ui/Inputs";

const DAY = 86_400;
/** What links hold without a choice, seconds. */
export const WEEK = 7 * DAY;
const CHOICES = [1, 3, 7, 14, 30, 90];

/** How long a link holds, seconds. */
export function ValidFor({ value, onChange }: { value: number; onChange: (seconds: number) => void }) {
  const { t } = useTranslation();
  return (
    <Select
      label={t("recruiter.invite.valid")}
      hint={t("recruiter.invite.validHint")}
      value={String(value)}
      onChange={(chosen) => onChange(Number(chosen))}
    >
      {CHOICES.map((days) => (
        <option key={days} value={days * DAY}>
          {t("recruiter.invite.days", { count: days })}
        </option>
      ))}
    </Select>
  );
}
