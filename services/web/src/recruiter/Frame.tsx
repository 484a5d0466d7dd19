import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Me, signOut } from "../api/staff";
import { ME } from "../app/queries";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import { Page } from "../ui/Page";
import { Loading, ProblemNotice } from "./Problems";
import "./recruiter.css";
import { SignInAgain, SignInPage } from "./SignIn";
import { MeContext, mayAdminister, useSession } from "./session";

/** What is around each of the staff's pages: who is signed in, where one can go, and the way in for who is not. */
export function Frame() {
  const session = useSession();
  const last = useRef<Me | null>(null);
  const leaving = useRef(false);
  const [, redraw] = useState(0);
  if (session.data) last.current = session.data;
  const leave = () => {
    last.current = null;
    redraw((count) => count + 1);
  };
  if (session.data === undefined) {
    if (session.error === null) return <Loading />;
    return (
      <Page title="Viva">
        <ProblemNotice error={session.error} onAgain={() => void session.refetch()} />
      </Page>
    );
  }
  const me = session.data ?? last.current;
  if (me === null) {
    return (
      <div className="staff">
        <SignInPage leaving={leaving} />
      </div>
    );
  }
  return (
    <MeContext.Provider value={me}>
      {/* Another person than before begins with fresh pages. */}
      <div className="staff stack" key={me.account_id}>
        <Head
          me={me}
          onLeave={() => {
            leaving.current = true;
            leave();
          }}
        />
        <Offline />
        <Outlet />
        {session.data === null && <SignInAgain onLeave={leave} />}
      </div>
    </MeContext.Provider>
  );
}

function Head({ me, onLeave }: { me: Me; onLeave: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const leaving = useMutation({
    mutationFn: signOut,
    onSuccess: () => {
      onLeave();
      queries.setQueryData(ME, null);
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "staff" });
    },
  });
  return (
    <>
      <div className="staff-head">
        <nav className="staff-nav" aria-label={t("recruiter.nav.label")}>
          <Link to="/positions">{t("recruiter.nav.positions")}</Link>
          <Link to="/rubrics">{t("recruiter.nav.rubrics")}</Link>
          {mayAdminister(me) && <Link to="/administration">{t("reviewer.nav.administration")}</Link>}
        </nav>
        <div className="row">
          <span className="muted small">{me.name}</span>
          <Button kind="plain" busy={leaving.isPending} onClick={() => leaving.mutate()}>
            {t("recruiter.nav.signOut")}
          </Button>
        </div>
      </div>
      {leaving.error !== null && <ProblemNotice error={leaving.error} />}
    </>
  );
}

/** The device has no network: what is shown may be old, and nothing can be changed. */
function Offline() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const look = () => {
      setOnline(navigator.onLine);
      if (navigator.onLine) void queries.invalidateQueries();
    };
    window.addEventListener("online", look);
    window.addEventListener("offline", look);
    return () => {
      window.removeEventListener("online", look);
      window.removeEventListener("offline", look);
    };
  }, [queries]);
  if (online) return null;
  return (
    <Notice tone="warn" title={t("recruiter.offline.title")} live>
      <p>{t("recruiter.offline.what")}</p>
    </Notice>
  );
}
