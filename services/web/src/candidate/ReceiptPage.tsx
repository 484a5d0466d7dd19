import { useTranslation } from "react-i18next";
import type { Receipt } from "../api/interview";
import { spokenLanguage } from "../i18n";
import { Button } from "../ui/Button";
import { Page } from "../ui/Page";

/** The proof of an erasure: the only thing that is left, so it can be kept. */
export function ReceiptPage({ receipt }: { receipt: Receipt | "lost" }) {
  const { t } = useTranslation();
  if (receipt === "lost") {
    return (
      <Page title={t("receipt.lost.title")}>
        <p>{t("receipt.lost.what")}</p>
        <p>{t("receipt.lost.way")}</p>
      </Page>
    );
  }
  const format = new Intl.DateTimeFormat(spokenLanguage(), { dateStyle: "long", timeStyle: "short" });
  return (
    <Page title={t("receipt.title")} lead={<p>{t("receipt.lead")}</p>}>
      <div className="card stack">
        {receipt.erased_at !== null && (
          <p>{t("receipt.at", { at: format.format(new Date(receipt.erased_at)) })}</p>
        )}
        <p>
          {t("receipt.number")} <code>{receipt.receipt_id}</code>
        </p>
        <div className="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">{t("receipt.store")}</th>
                <th scope="col">{t("receipt.kind")}</th>
                <th scope="col">{t("receipt.removed")}</th>
              </tr>
            </thead>
            <tbody>
              {receipt.stores.map((one) => (
                <tr key={`${one.store} ${one.what}`}>
                  <td>{one.store}</td>
                  <td>{one.what}</td>
                  <td>{one.removed}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
      <div className="row">
        <Button kind="plain" onClick={() => window.print()}>
          {t("receipt.print")}
        </Button>
      </div>
    </Page>
  );
}
