import { DeliveryTag, WebhookTag } from "../recruiter/admin/WebhookTag";
import { STATES } from "../recruiter/boardRows";
import { InterviewStateTag } from "../recruiter/InterviewStateTag";
import { StateTag } from "../recruiter/StateTag";
import { Part } from "./Part";

/** Where things are in their life. */
export function States() {
  return (
    <>
      <Part name="StateTag">
        <div className="row">
          {(["draft", "published", "archived"] as const).map((state) => (
            <StateTag key={state} state={state} />
          ))}
        </div>
      </Part>
      <Part name="InterviewStateTag">
        <div className="row">
          {STATES.map((state) => (
            <InterviewStateTag key={state} state={state} />
          ))}
        </div>
      </Part>
      <Part name="WebhookTag">
        <div className="row">
          {(["active", "paused", "failing"] as const).map((state) => (
            <WebhookTag key={state} state={state} />
          ))}
        </div>
      </Part>
      <Part name="DeliveryTag">
        <div className="row">
          {(["pending", "delivered", "failed"] as const).map((state) => (
            <DeliveryTag key={state} state={state} />
          ))}
        </div>
      </Part>
    </>
  );
}
