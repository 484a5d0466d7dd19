import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { InterviewLanguage } from "../api/positions";
import { listBank } from "../api/rubrics";
import { spokenLanguage } from "../i18n";
import { Button } from "../ui/Button";
import { Select } from "../ui/Inputs";
import { Page } from "../ui/Page";
import { Asked } from "./Problems";
import { FULL } from "./positionDraft";
import { RubricEditor } from "./RubricEditor";
import { newCriterion, type RubricText, textFromBank } from "./rubricDraft";

/** Makes a rubric: first what it begins from, then its words. */
export function NewRubricPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [language, setLanguage] = useState<InterviewLanguage>(spokenLanguage);
  const [begin, setBegin] = useState<RubricText | null>(null);
  return (
    <>
      <div className="crumb">
        <Link to="/rubrics">{t("recruiter.nav.rubrics")}</Link>
      </div>
      <Page title={t("recruiter.rubrics.new")} lead={<p>{t("recruiter.rubric.lead")}</p>}>
        {begin === null ? (
          <Beginning language={language} onLanguage={setLanguage} onBegin={setBegin} />
        ) : (
          <RubricEditor
            rubric={null}
            language={language}
            begin={begin}
            onSaved={({ rubric }) =>
              void navigate({
                to: "/rubrics/$rubricId",
                params: { rubricId: rubric.rubric_id },
                replace: true,
              })
            }
          />
        )}
      </Page>
    </>
  );
}

function Beginning({
  language,
  onLanguage,
  onBegin,
}: {
  language: InterviewLanguage;
  onLanguage: (language: InterviewLanguage) => void;
  onBegin: (text: RubricText) => void;
}) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState("");
  const bank = useQuery({ queryKey: ["bank", language], queryFn: () => listBank(language) });
  return (
    <div className="card stack narrow">
      <Select
        label={t("recruiter.rubric.language")}
        value={language}
        onChange={(value) => onLanguage(value === "ko" ? "ko" : "en")}
      >
        <option value="ko">{t("recruiter.languages.ko")}</option>
        <option value="en">{t("recruiter.languages.en")}</option>
      </Select>
      <Asked query={bank}>
        {(known) => {
          const one = known.find(({ competency }) => competency?.competency_id === chosen);
          return (
            <>
              <Select label={t("recruiter.rubric.begin")} value={chosen} onChange={setChosen}>
                <option value="">{t("recruiter.rubric.blank")}</option>
                {known.map(({ competency }) => (
                  <option key={competency?.competency_id} value={competency?.competency_id}>
                    {competency?.title}
                  </option>
                ))}
              </Select>
              <Button
                onClick={() =>
                  onBegin(one ? textFromBank(one) : { title: "", criteria: [newCriterion([], FULL)] })
                }
              >
                {t("recruiter.rubric.write")}
              </Button>
            </>
          );
        }}
      </Asked>
    </div>
  );
}
