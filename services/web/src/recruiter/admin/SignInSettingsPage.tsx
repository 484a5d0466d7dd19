import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { getSignInSettings, type Provider, type SignInSettings } from "../../api/administration";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { Notice, type Tone } from "../../ui/Notice";
import { Page } from "../../ui/Page";
import { CopyButton } from "../CopyButton";
import { Asked } from "../Problems";

const TONES: Record<Provider["discovery"], Tone> = {
  ok: "ok",
  unreachable: "warn",
  other_issuer: "bad",
  incomplete: "bad",
};

/** How staff sign in. It is set where Viva is installed; here it can be checked, and what to register is copied. */
export function SignInSettingsPage() {
  const { t } = useTranslation();
  const settings = useQuery({ queryKey: ["sign-in-settings"], queryFn: getSignInSettings, staleTime: 0 });
  return (
    <Page title={t("reviewer.oidc.title")} lead={<p>{t("reviewer.oidc.lead")}</p>}>
      <Asked query={settings}>
        {(found) => (
          <>
            <Shown settings={found} />
            <div>
              <Button kind="plain" busy={settings.isFetching} onClick={() => void settings.refetch()}>
                {t("reviewer.oidc.look")}
              </Button>
            </div>
          </>
        )}
      </Asked>
    </Page>
  );
}

function Shown({ settings }: { settings: SignInSettings }) {
  const { t } = useTranslation();
  const { provider, redirect_uri } = settings;
  return (
    <>
      {provider === null ? (
        <Notice title={t("reviewer.oidc.off.title")}>
          <p>{t("reviewer.oidc.off.what")}</p>
        </Notice>
      ) : (
        <Notice
          tone={TONES[provider.discovery]}
          title={t(`reviewer.oidc.discovery.${provider.discovery}.title`)}
        >
          <p>{t(`reviewer.oidc.discovery.${provider.discovery}.what`)}</p>
        </Notice>
      )}
      <div className="card stack">
        {provider !== null && <Facts provider={provider} />}
        <Field label={t("reviewer.oidc.redirect")} hint={t("reviewer.oidc.redirectHint")}>
          {(control) => (
            <div className="row">
              <input
                {...control}
                className="field link mono"
                readOnly
                value={redirect_uri}
                onFocus={(event) => event.target.select()}
              />
              <CopyButton text={redirect_uri} label={t("reviewer.oidc.copyRedirect")}>
                {t("recruiter.links.copy")}
              </CopyButton>
            </div>
          )}
        </Field>
      </div>
    </>
  );
}

function Facts({ provider }: { provider: Provider }) {
  const { t } = useTranslation();
  const facts: [string, string][] = [
    [t("reviewer.oidc.issuer"), provider.issuer],
    [t("reviewer.oidc.discoveryUrl"), provider.discovery_url],
    [t("reviewer.oidc.clientId"), provider.client_id],
    [t("reviewer.oidc.scope"), provider.scope],
  ];
  return (
    <dl className="settings">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <code>{value}</code>
          </dd>
        </div>
      ))}
      <div>
        <dt>{t("reviewer.oidc.secret")}</dt>
        <dd>{t(provider.confidential ? "reviewer.oidc.confidential" : "reviewer.oidc.public")}</dd>
      </div>
    </dl>
  );
}
