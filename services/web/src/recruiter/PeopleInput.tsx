import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { TextArea } from "../ui/Inputs";
import { Notice } from "../ui/Notice";
import { type Parsed, parsePeople } from "./people";

/** Bytes of a file; five hundred rows are far less. */
const FILE_MOST = 1024 * 1024;
type Trouble = "large" | "encoding" | "nobody";

/** Takes people from a file or from what is pasted. */
export function PeopleInput({ onParsed }: { onParsed: (parsed: Parsed) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const take = (content: string) => {
    const parsed = parsePeople(content);
    if (parsed.people.length === 0) setTrouble("nobody");
    else onParsed(parsed);
  };
  const read = async (file: File) => {
    if (file.size > FILE_MOST) return setTrouble("large");
    try {
      take(new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer()));
    } catch {
      setTrouble("encoding");
    }
  };
  return (
    <div className="stack">
      {trouble !== null && <Notice tone="bad" title={t(`recruiter.invite.trouble.${trouble}`)} live />}
      <div className="card stack">
        <Field label={t("recruiter.invite.file")} hint={t("recruiter.invite.fileHint")}>
          {(control) => (
            <input
              {...control}
              type="file"
              className="field"
              accept=".csv,.tsv,.txt,text/csv,text/plain"
              onChange={(event) => {
                const file = event.target.files?.[0];
                // The same file may be chosen again after it was mended.
                event.target.value = "";
                if (file) void read(file);
              }}
            />
          )}
        </Field>
      </div>
      <div className="card stack">
        <TextArea
          label={t("recruiter.invite.paste")}
          hint={t("recruiter.invite.pasteHint")}
          value={text}
          onChange={setText}
          spellCheck={false}
        />
        <div className="row">
          <Button onClick={() => take(text)}>{t("recruiter.invite.check")}</Button>
        </div>
      </div>
    </div>
  );
}
