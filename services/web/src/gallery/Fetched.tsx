import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "../api/problems";
import { FailedPage } from "../app/FailedPage";
import { NotFoundPage } from "../app/NotFoundPage";
import { DialogFoot } from "../recruiter/DialogFoot";
import { Asked, Loading, ProblemNotice } from "../recruiter/Problems";
import { Part, State } from "./Part";

/** By status; 0 when nothing answered. */
const STATUSES = [0, 401, 403, 404, 409, 412, 413, 422, 429, 500, 503];

function problem(status: number): Problem {
  const faults = status === 422 ? [{ field: "weight", detail: "weight: is to be 1 to 100" }] : [];
  return new Problem(status, "REASON", "what the gateway says", "0190b6a0-correlation", faults);
}

const REFUSED = problem(409);

/** What is waited for, what failed, and what is not there. */
export function Fetched() {
  return (
    <>
      <Part name="Loading">
        <Loading />
      </Part>
      <Part name="ProblemNotice">
        {STATUSES.map((status) => (
          <State
            key={status}
            of={status === 0 ? "nothing answered, with a way to try again" : String(status)}
          >
            <ProblemNotice error={problem(status)} onAgain={status === 0 ? () => {} : undefined} />
          </State>
        ))}
      </Part>
      <Part name="Asked">
        <State of="waiting">
          <AskedFor name="waiting" answer={() => new Promise(() => {})} />
        </State>
        <State of="failed">
          <AskedFor name="failed" answer={() => Promise.reject(problem(503))} />
        </State>
        <State of="there">
          <AskedFor name="there" answer={async () => "1, 2, 3"} />
        </State>
      </Part>
      <Part name="DialogFoot">
        <State of="at rest">
          <Foot answer={null} />
        </State>
        <State of="failed">
          <Foot answer={REFUSED} />
        </State>
      </Part>
      <Part name="NotFoundPage">
        <NotFoundPage />
      </Part>
      <Part name="FailedPage">
        <FailedPage />
      </Part>
    </>
  );
}

function AskedFor({ name, answer }: { name: string; answer: () => Promise<string> }) {
  const query = useQuery({ queryKey: ["ui", name], queryFn: answer, retry: false });
  return <Asked query={query}>{(told) => <p>{told}</p>}</Asked>;
}

/** `answer`: what saving comes to; null: it is not asked for yet. */
function Foot({ answer }: { answer: Problem | null }) {
  const { t } = useTranslation();
  const change = useMutation({ mutationFn: async () => Promise.reject(answer ?? problem(0)) });
  const { mutate } = change;
  useEffect(() => {
    if (answer !== null) mutate();
  }, [answer, mutate]);
  return (
    <form
      className="stack"
      aria-label={t("recruiter.save")}
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <DialogFoot change={change} onClose={() => change.reset()} />
    </form>
  );
}
