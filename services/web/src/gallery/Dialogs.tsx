import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { EmptyDialog } from "../candidate/EmptyDialog";
import { SecretDialog } from "../recruiter/admin/SecretDialog";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Part } from "./Part";

/** What stands before the page until it is answered. */
export function Dialogs() {
  const { t } = useTranslation();
  return (
    <>
      <Part name="Dialog">
        <Opened>
          {(close) => (
            <Dialog title={t("recruiter.leave.title")} onClose={close}>
              <p>{t("recruiter.leave.what")}</p>
              <div className="row">
                <Button onClick={close}>{t("recruiter.leave.stay")}</Button>
                <Button kind="danger" onClick={close}>
                  {t("recruiter.leave.leave")}
                </Button>
              </div>
            </Dialog>
          )}
        </Opened>
      </Part>
      <Part name="EmptyDialog">
        <div className="row">
          {(["answer.empty", "voice.empty"] as const).map((words) => (
            <Opened key={words}>
              {(close) => <EmptyDialog words={words} onSend={close} onClose={close} />}
            </Opened>
          ))}
        </div>
      </Part>
      <Part name="SecretDialog">
        <Opened>
          {(close) => <SecretDialog secret="whsec_0123456789abcdef0123456789" onClose={close} />}
        </Opened>
      </Part>
    </>
  );
}

function Opened({ children }: { children: (close: () => void) => ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <div>
      <Button kind="plain" lang="en" onClick={() => setOpen(true)}>
        Open
      </Button>
      {open && children(() => setOpen(false))}
    </div>
  );
}
