import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type Account,
  createAccount,
  PASSWORD_LEAST,
  PASSWORD_MOST,
  ROLES,
  type Role,
  updateAccount,
} from "../../api/accounts";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { DialogFoot } from "../DialogFoot";

const NAME_MOST = 200;
const EMAIL_MOST = 254;

/** Adds a person, or changes one. */
export function PersonDialog({ account, onClose }: { account: Account | null; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [name, setName] = useState(account?.name ?? "");
  const [email, setEmail] = useState(account?.email ?? "");
  const [roles, setRoles] = useState<Role[]>(account?.roles ?? ["recruiter"]);
  const [password, setPassword] = useState("");
  const [disabled, setDisabled] = useState(account?.disabled ?? false);
  const [tried, setTried] = useState(false);
  const faults = {
    name: name.trim() === "",
    email: !email.includes("@"),
    roles: roles.length === 0,
    password: password !== "" && password.length < PASSWORD_LEAST,
  };
  const saving = useMutation({
    mutationFn: () => {
      const given = password === "" ? {} : { password };
      if (account === null) return createAccount({ email: email.trim(), name: name.trim(), roles, ...given });
      return updateAccount(account.account_id, { name: name.trim(), roles, disabled, ...given });
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["accounts"] });
      onClose();
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!Object.values(faults).some(Boolean) && !saving.isPending) saving.mutate();
  };
  const title =
    account === null ? t("reviewer.people.add") : t("reviewer.people.editTitle", { name: account.name });
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="stack" onSubmit={send} noValidate>
        <Field
          label={t("reviewer.people.name")}
          error={tried && faults.name && t("reviewer.people.nameMissing")}
        >
          {(control) => (
            <input
              {...control}
              className="field"
              autoComplete="off"
              maxLength={NAME_MOST}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        {account === null && (
          <Field
            label={t("reviewer.people.email")}
            error={tried && faults.email && t("reviewer.people.emailWrong")}
          >
            {(control) => (
              <input
                {...control}
                className="field"
                type="email"
                autoComplete="off"
                maxLength={EMAIL_MOST}
                value={email}
                onChange={(event) => setEmail(event.target.value)}
              />
            )}
          </Field>
        )}
        <RolesChoice roles={roles} onRoles={setRoles} missing={tried && faults.roles} />
        <Field
          label={t(account === null ? "reviewer.people.password" : "reviewer.people.newPassword")}
          hint={t(account === null ? "reviewer.people.passwordHint" : "reviewer.people.newPasswordHint")}
          error={tried && faults.password && t("reviewer.people.passwordShort")}
        >
          {(control) => (
            <input
              {...control}
              className="field"
              type="password"
              autoComplete="new-password"
              maxLength={PASSWORD_MOST}
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        {account !== null && (
          <label className="check-line">
            <input
              type="checkbox"
              checked={disabled}
              onChange={(event) => setDisabled(event.target.checked)}
            />
            <span>
              {t("reviewer.people.disable")}{" "}
              <span className="small muted">{t("reviewer.people.disableHint")}</span>
            </span>
          </label>
        )}
        <DialogFoot change={saving} onClose={onClose} />
      </form>
    </Dialog>
  );
}

function RolesChoice({
  roles,
  onRoles,
  missing,
}: {
  roles: Role[];
  onRoles: (roles: Role[]) => void;
  missing: boolean;
}) {
  const { t } = useTranslation();
  return (
    <fieldset className="stack-tight">
      <legend className="label">{t("reviewer.people.roles")}</legend>
      {ROLES.map((role) => (
        <label key={role} className="check-line">
          <input
            type="checkbox"
            checked={roles.includes(role)}
            onChange={(event) =>
              onRoles(event.target.checked ? [...roles, role] : roles.filter((one) => one !== role))
            }
          />
          <span>
            {t(`reviewer.people.role.${role}`)}{" "}
            <span className="small muted">{t(`reviewer.people.opens.${role}`)}</span>
          </span>
        </label>
      ))}
      {missing && (
        <p className="wrong small" role="alert">
          {t("reviewer.people.rolesMissing")}
        </p>
      )}
    </fieldset>
  );
}
