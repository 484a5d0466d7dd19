import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLive } from "./interviewState";

const MINUTE = 60_000;

/** Whole minutes that are left, never less than none. */
export function minutesLeft(endsAt: string, now: number): number {
  return Math.max(0, Math.ceil((new Date(endsAt).getTime() - now) / MINUTE));
}

/** The time left, in minutes: calm enough to think. */
export function TimeLeft({ endsAt }: { endsAt: string }) {
  const { t } = useTranslation();
  const { ahead } = useLive();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE / 6);
    return () => clearInterval(timer);
  }, []);
  return <p className="muted">{t("interview.left", { minutes: minutesLeft(endsAt, now + ahead) })}</p>;
}
