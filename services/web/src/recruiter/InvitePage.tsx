import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type CreatedInvitation, invite } from "../api/invitations";
import { problemOf } from "../api/problems";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { Notice } from "../ui/Notice";
import { Page } from "../ui/Page";
import { LeaveGuard } from "./LeaveGuard";
import { LinkList } from "./LinkList";
import { PeopleInput } from "./PeopleInput";
import { PeopleTable } from "./PeopleTable";
import { usePosition } from "./PositionFrame";
import { ProblemNotice } from "./Problems";
import { invitationsOf, type Parsed, type Person, peopleFaults, rowOf, tooMany } from "./people";
import { mayRecruit, useMe } from "./session";
import { ValidFor, WEEK } from "./ValidFor";

const route = getRouteApi("/staff/positions/$positionId/invite");

/** Invites people: all of them, or nobody until each row is right. */
export function InvitePage() {
  const { t } = useTranslation();
  const { positionId } = route.useParams();
  const position = usePosition(positionId);
  const me = useMe();
  const ready = position.data?.state === "published" && mayRecruit(me);
  return (
    <Page title={t("recruiter.invite.title")} lead={<p>{t("recruiter.invite.lead")}</p>}>
      {ready ? (
        <Inviting positionId={positionId} />
      ) : (
        <Empty title={t("recruiter.invite.closed.title")}>
          <p>{t("recruiter.invite.closed.what")}</p>
          <Link to="/positions/$positionId/about" params={{ positionId }}>
            {t("recruiter.invite.closed.way")}
          </Link>
        </Empty>
      )}
    </Page>
  );
}

function Inviting({ positionId }: { positionId: string }) {
  const [parsed, setParsed] = useState<Parsed | null>(null);
  const [made, setMade] = useState<CreatedInvitation[] | null>(null);
  if (made !== null) return <LinkList made={made} onMore={() => setMade(null)} />;
  if (parsed === null) return <PeopleInput onParsed={setParsed} />;
  return (
    <Checking
      positionId={positionId}
      parsed={parsed}
      onBack={() => setParsed(null)}
      onMade={(links) => {
        setParsed(null);
        setMade(links);
      }}
    />
  );
}

interface CheckingProps {
  positionId: string;
  parsed: Parsed;
  onBack: () => void;
  onMade: (made: CreatedInvitation[]) => void;
}

function Checking({ positionId, parsed, onBack, onMade }: CheckingProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [people, setPeople] = useState(parsed.people);
  // Rows that were wrong stay among those that are mended, until they are sent.
  const [mending, setMending] = useState(
    () => new Set([...peopleFaults(parsed.people).keys()].map((index) => parsed.people[index]?.key ?? -1)),
  );
  const [refused, setRefused] = useState(new Map<number, string>());
  const [seconds, setSeconds] = useState(WEEK);
  const done = useRef(false);
  const faults = peopleFaults(people);
  const over = tooMany(people);
  const sending = useMutation({
    mutationFn: () => invite(positionId, invitationsOf(people), seconds),
    onSuccess: (made) => {
      done.current = true;
      void queries.invalidateQueries({ queryKey: ["candidates"] });
      onMade(made);
    },
    onError: (error) => {
      const rows = problemOf(error).faults.map(({ field, detail }) => [rowOf(field), detail] as const);
      const keyed = rows.flatMap(([row, detail]) => {
        const key = row === null ? undefined : people[row]?.key;
        return key === undefined ? [] : [[key, detail] as const];
      });
      setRefused(new Map(keyed));
      setMending((now) => new Set([...now, ...keyed.map(([key]) => key)]));
    },
  });
  const change = (person: Person) => {
    setRefused((now) => new Map([...now].filter(([key]) => key !== person.key)));
    setPeople((now) => now.map((one) => (one.key === person.key ? person : one)));
  };
  return (
    <div className="stack">
      <LeaveGuard unsaved={() => !done.current} />
      {parsed.ignored.length > 0 && (
        <Notice title={t("recruiter.invite.ignored", { columns: parsed.ignored.join(", ") })} />
      )}
      <Verdict count={people.length} wrong={faults.size} over={over} />
      <PeopleTable
        people={people}
        faults={faults}
        mending={mending}
        refused={refused}
        onChange={change}
        onRemove={(person) => setPeople((now) => now.filter(({ key }) => key !== person.key))}
      />
      {sending.error !== null && <ProblemNotice error={sending.error} />}
      <div className="card stack">
        <ValidFor value={seconds} onChange={setSeconds} />
        <div className="row">
          <Button
            busy={sending.isPending}
            disabled={faults.size > 0 || over > 0 || people.length === 0}
            aria-describedby="verdict"
            onClick={() => sending.mutate()}
          >
            {t("recruiter.invite.send", { count: people.length })}
          </Button>
          <Button kind="plain" onClick={onBack}>
            {t("recruiter.invite.back")}
          </Button>
        </div>
      </div>
    </div>
  );
}

function Verdict({ count, wrong, over }: { count: number; wrong: number; over: number }) {
  const { t } = useTranslation();
  if (over > 0) {
    return (
      <div id="verdict">
        <Notice tone="bad" title={t("recruiter.invite.over", { count: over })} live />
      </div>
    );
  }
  if (wrong > 0) {
    return (
      <div id="verdict">
        <Notice tone="bad" title={t("recruiter.invite.wrong", { count: wrong, of: count })} live>
          <p>{t("recruiter.invite.wrongWhat")}</p>
        </Notice>
      </div>
    );
  }
  return (
    <div id="verdict">
      <Notice tone="ok" title={t("recruiter.invite.right", { count })} live />
    </div>
  );
}
