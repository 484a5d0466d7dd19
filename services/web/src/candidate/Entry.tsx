import { Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Interview, Receipt } from "../api/interview";
import { problemOf } from "../api/problems";
import { fetchAhead } from "../app/fetched";
import { chosenLanguage, speak } from "../i18n";
import { Frame } from "./Frame";
import { ListenContext, LiveContext, useEntered, useFollowing } from "./interviewState";
import { NoEntry } from "./NoEntry";
import {
  AHEAD,
  ConsentPage,
  EndedPage,
  FeedbackPage,
  InterviewPage,
  Opening,
  PreparePage,
  ReceiptPage,
  ReviewPage,
} from "./pages";
import { stepOf } from "./steps";
import { useHeldVoice, VoiceContext } from "./voice/held";
import { WelcomePage } from "./WelcomePage";

/** The candidate's one address. The server's state of the interview says which page it shows. */
export function Entry() {
  const { t } = useTranslation();
  const entered = useEntered();
  const [receipt, setReceipt] = useState<Receipt | "lost" | null>(null);
  const language = entered.data?.language ?? null;
  useEffect(() => {
    if (language !== null && chosenLanguage() === null) void speak(language, false);
  }, [language]);
  const here = entered.data !== undefined;
  useEffect(() => (here ? fetchAhead(AHEAD) : undefined), [here]);
  if (receipt !== null) {
    return (
      <Suspense fallback={<Opening />}>
        <ReceiptPage receipt={receipt} />
      </Suspense>
    );
  }
  const problem = entered.error === null ? null : problemOf(entered.error);
  if (entered.data !== undefined && (problem === null || problem.passing)) {
    return <Steps interview={entered.data} onErased={setReceipt} />;
  }
  if (problem !== null) {
    return <NoEntry problem={problem} trying={entered.isFetching} onAgain={() => void entered.refetch()} />;
  }
  return <p className="working">{t("entry.opening")}</p>;
}

function Steps({
  interview,
  onErased,
}: {
  interview: Interview;
  onErased: (receipt: Receipt | "lost") => void;
}) {
  const { live, listen } = useFollowing(interview.interview_id);
  const [consenting, setConsenting] = useConsenting(interview.interview_id);
  const step = stepOf(interview, consenting);
  const voice = useHeldVoice(interview, step === "prepare" || step === "interview", listen);
  return (
    <LiveContext.Provider value={live}>
      <ListenContext.Provider value={listen}>
        <VoiceContext.Provider value={voice}>
          <Frame interview={interview} step={step} onErased={onErased}>
            <Suspense fallback={<Opening />}>
              {step === "welcome" && <WelcomePage interview={interview} onGoOn={() => setConsenting(true)} />}
              {step === "consent" && (
                <ConsentPage interview={interview} onDone={() => setConsenting(false)} />
              )}
              {step === "prepare" && (
                <PreparePage interview={interview} onConsents={() => setConsenting(true)} />
              )}
              {step === "interview" && <InterviewPage interview={interview} />}
              {step === "review" && <ReviewPage interview={interview} />}
              {(step === "waiting" || step === "feedback") && <FeedbackPage interview={interview} />}
              {step === "ended" && <EndedPage interview={interview} />}
            </Suspense>
          </Frame>
        </VoiceContext.Provider>
      </ListenContext.Provider>
    </LiveContext.Provider>
  );
}

/** Whether the candidate is at the consents; a reload comes back to them. */
function useConsenting(interviewId: string): [boolean, (at: boolean) => void] {
  const key = "viva.consenting";
  const [at, setAt] = useState(() => {
    try {
      return sessionStorage.getItem(key) === interviewId;
    } catch {
      return false;
    }
  });
  const go = (to: boolean) => {
    try {
      if (to) sessionStorage.setItem(key, interviewId);
      else sessionStorage.removeItem(key);
    } catch {
      // A reload then begins with the page before.
    }
    setAt(to);
  };
  return [at, go];
}
