import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type CandidateRequest, type Interview, resolveRequest } from "../../api/interviews";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { ProblemNotice } from "../Problems";
import { mayRecruit, useMe } from "../session";
import { moment } from "../times";
import { useLookAgain } from "./queries";

const ANSWER_MOST = 4000;

/** What the candidate asks of the employer, and what became of it. */
export function Requests({ interview }: { interview: Interview }) {
  const { t } = useTranslation();
  if (interview.requests.length === 0) return null;
  return (
    <section className="card stack" aria-labelledby="requests-title">
      <h2 id="requests-title">{t("reviewer.requests.title")}</h2>
      {interview.requests.map((one) => (
        <Request key={one.request_id} interviewId={interview.interview_id} request={one} />
      ))}
    </section>
  );
}

function Request({ interviewId, request }: { interviewId: string; request: CandidateRequest }) {
  const { t } = useTranslation();
  const me = useMe();
  const open = request.resolved_at === null;
  return (
    <article className="decided stack-tight">
      <p className="row">
        {request.kind !== null && <strong>{t(`reviewer.requests.kinds.${request.kind}`)}</strong>}
        <span className={open ? "tag tag-warn" : "tag tag-ok"}>
          {t(open ? "reviewer.requests.open" : "reviewer.requests.answered")}
        </span>
        <span className="small muted">{moment(request.created_at)}</span>
      </p>
      {request.text !== "" && (
        <p className="pre" dir="auto">
          {request.text}
        </p>
      )}
      {!open && (
        <div className="notice notice-ok stack-tight">
          <p className="pre" dir="auto">
            {request.answer}
          </p>
          <p className="small muted">
            {t("reviewer.requests.by", { name: request.resolved_by, at: moment(request.resolved_at) })}
          </p>
        </div>
      )}
      {open && mayRecruit(me) && <Answering interviewId={interviewId} requestId={request.request_id} />}
    </article>
  );
}

function Answering({ interviewId, requestId }: { interviewId: string; requestId: string }) {
  const { t } = useTranslation();
  const lookAgain = useLookAgain(interviewId);
  const [text, setText] = useState("");
  const [tried, setTried] = useState(false);
  const answering = useMutation({
    mutationFn: () => resolveRequest(interviewId, requestId, text.trim()),
    onSuccess: lookAgain,
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (text.trim() !== "" && !answering.isPending) answering.mutate();
  };
  return (
    <form className="stack measure" onSubmit={send}>
      <Field
        label={t("reviewer.requests.answer")}
        hint={t("reviewer.requests.hint")}
        error={tried && text.trim() === "" && t("reviewer.requests.empty")}
      >
        {(control) => (
          <textarea
            {...control}
            className="field"
            dir="auto"
            maxLength={ANSWER_MOST}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      {answering.error !== null && <ProblemNotice error={answering.error} />}
      <div>
        <Button type="submit" kind="plain" busy={answering.isPending}>
          {t("reviewer.requests.send")}
        </Button>
      </div>
    </form>
  );
}
