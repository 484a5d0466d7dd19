import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Decision } from "../../api/interviews";
import { Field } from "../../ui/Field";
import type { View } from "./comparison";

const DECISIONS: Decision[] = ["advance", "hold", "decline"];
const COVERED = [50, 80, 100];
const SEARCH_MOST = 200;
const PAUSE_MS = 300;

/** Who is listed. What is typed is asked for after a short pause. */
export function Filters({ view, onView }: { view: View; onView: (view: View) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(view.q ?? "");
  const change = (name: keyof View, value: View[keyof View]) => {
    const { [name]: _, ...rest } = view;
    onView(value === undefined ? rest : { ...rest, [name]: value });
  };
  const search = useRef(change);
  search.current = change;
  useEffect(() => {
    if (typed === (view.q ?? "")) return;
    const waiting = setTimeout(() => search.current("q", typed || undefined), PAUSE_MS);
    return () => clearTimeout(waiting);
  }, [typed, view.q]);
  const shown = view.q ?? "";
  const [before, setBefore] = useState(shown);
  if (before !== shown) {
    // Cleared from outside.
    setBefore(shown);
    if (shown === "") setTyped("");
  }
  return (
    <search className="compare-filters" aria-label={t("reviewer.compare.filter")}>
      <Field label={t("reviewer.compare.search")}>
        {(control) => (
          <input
            {...control}
            className="field"
            type="search"
            maxLength={SEARCH_MOST}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </Field>
      <Field label={t("reviewer.compare.decision")}>
        {(control) => (
          <select
            {...control}
            className="field"
            value={view.decision ?? ""}
            onChange={(event) =>
              change("decision", (event.target.value || undefined) as Decision | undefined)
            }
          >
            <option value="">{t("reviewer.compare.anyDecision")}</option>
            {DECISIONS.map((one) => (
              <option key={one} value={one}>
                {t(`reviewer.decision.is.${one}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={t("reviewer.compare.coverage")}>
        {(control) => (
          <select
            {...control}
            className="field"
            value={view.covered ?? 0}
            onChange={(event) => change("covered", Number(event.target.value) || undefined)}
          >
            <option value={0}>{t("reviewer.compare.anyCoverage")}</option>
            {COVERED.map((one) => (
              <option key={one} value={one}>
                {one} %
              </option>
            ))}
          </select>
        )}
      </Field>
    </search>
  );
}
