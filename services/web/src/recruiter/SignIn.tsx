import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, type RefObject, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { problemOf } from "../api/problems";
import { getSignInMethods, providerAddress, signIn } from "../api/staff";
import { ME } from "../app/queries";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Notice } from "../ui/Notice";
import { Page } from "../ui/Page";
import { ProblemNotice } from "./Problems";
import { addressWithout, FAILED, failureOf } from "./signInFailure";

/**
 * In the place of any page while nobody is signed in; the page follows at the same address. Who signed out on purpose
 * has `leaving` set: the next person begins at the start.
 */
export function SignInPage({ leaving }: { leaving: RefObject<boolean> }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [failure] = useState(() => failureOf(window.location.search));
  useEffect(() => {
    if (failure === null) return;
    // Told once: neither a reload nor the way on at the provider brings it back.
    window.history.replaceState(window.history.state, "", addressWithout(FAILED, window.location));
  }, [failure]);
  useEffect(() => {
    if (!leaving.current) return;
    leaving.current = false;
    void navigate({ to: "/positions" });
  }, [leaving, navigate]);
  return (
    <Page title={t("recruiter.signIn.title")} lead={<p>{t("recruiter.signIn.lead")}</p>}>
      <div className="card narrow stack">
        {failure !== null && (
          <Notice tone="warn" title={t(`recruiter.signIn.failed.${failure}.title`)} live>
            <p>{t(`recruiter.signIn.failed.${failure}.what`)}</p>
          </Notice>
        )}
        <SignInForm />
      </div>
    </Page>
  );
}

/** Over the page when the session has ended meanwhile: what was typed there stays. */
export function SignInAgain({ onLeave }: { onLeave: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog title={t("recruiter.signIn.ended")} onClose={() => {}}>
      <p>{t("recruiter.signIn.endedWhat")}</p>
      <SignInForm />
      <Button kind="plain" onClick={onLeave}>
        {t("recruiter.signIn.leave")}
      </Button>
    </Dialog>
  );
}

function SignInForm() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const methods = useQuery({ queryKey: ["staff", "methods"], queryFn: getSignInMethods, staleTime: 600_000 });
  const signing = useMutation({
    mutationFn: () => signIn(email.trim(), password),
    onSuccess: async (me) => {
      queries.setQueryData(ME, me);
      await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "staff" });
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (email.trim() !== "" && password !== "" && !signing.isPending) signing.mutate();
  };
  return (
    <div className="stack">
      <form className="stack" onSubmit={send}>
        {signing.error !== null && <Refused error={signing.error} />}
        <Field label={t("recruiter.signIn.email")}>
          {(control) => (
            <input
              {...control}
              className="field"
              type="email"
              autoComplete="username"
              required
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        <Field label={t("recruiter.signIn.password")}>
          {(control) => (
            <input
              {...control}
              className="field"
              type="password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" busy={signing.isPending}>
          {t("recruiter.signIn.send")}
        </Button>
      </form>
      {methods.data?.oidc && (
        <a
          className="button button-plain"
          href={providerAddress(window.location.pathname + window.location.search)}
        >
          {t("recruiter.signIn.provider")}
        </a>
      )}
    </div>
  );
}

function Refused({ error }: { error: unknown }) {
  const { t } = useTranslation();
  const { status, reason } = problemOf(error);
  if (reason === "WRONG_CREDENTIALS" || status === 422) {
    return (
      <Notice tone="bad" title={t("recruiter.signIn.wrong")} live>
        <p>{t("recruiter.signIn.wrongWhat")}</p>
      </Notice>
    );
  }
  return <ProblemNotice error={error} />;
}
