/** Rubrics and the question bank over REST. */
import { client, demand } from "./client";
import { everyPage } from "./paging";
import type { InterviewLanguage } from "./positions";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type RubricVersion = Schemas["RubricVersion"];
export type RubricDraft = Schemas["RubricDraft"];
export type RubricChange = Schemas["RubricChange"];
export type Criterion = Schemas["Criterion"];
export type BankCompetency = Schemas["BankCompetency"];

const PAGE = 200;

/** The newest version of each rubric. */
export function listRubrics(): Promise<RubricVersion[]> {
  return everyPage((cursor) =>
    demand(client.GET("/api/v1/rubrics", { params: { query: { limit: PAGE, cursor } } })),
  );
}

/** The newest version. */
export function getRubric(rubricId: string): Promise<RubricVersion> {
  return demand(client.GET("/api/v1/rubrics/{rubric_id}", { params: { path: { rubric_id: rubricId } } }));
}

/** One version; they count from 1. */
export function getRubricVersion(rubricId: string, version: number): Promise<RubricVersion> {
  const params = { path: { rubric_id: rubricId, version } };
  return demand(client.GET("/api/v1/rubrics/{rubric_id}/versions/{version}", { params }));
}

/** Make a draft. */
export function createRubric(draft: RubricDraft): Promise<RubricVersion> {
  return demand(client.POST("/api/v1/rubrics", { body: draft }));
}

function building({ rubric }: RubricVersion) {
  return { path: { rubric_id: rubric.rubric_id }, header: { "If-Match": `"${rubric.sha256}"` } };
}

/** Change the draft; of a published rubric, make the next version's draft. */
export function updateRubric(before: RubricVersion, change: RubricChange): Promise<RubricVersion> {
  return demand(client.PUT("/api/v1/rubrics/{rubric_id}", { params: building(before), body: change }));
}

/** Freeze the draft as it was read. */
export function publishRubric(draft: RubricVersion): Promise<RubricVersion> {
  return demand(client.POST("/api/v1/rubrics/{rubric_id}/publish", { params: building(draft) }));
}

/** The competencies of the question bank, with criteria to start a rubric from. */
export async function listBank(language: InterviewLanguage): Promise<BankCompetency[]> {
  return (await demand(client.GET("/api/v1/bank/competencies", { params: { query: { language } } }))).items;
}
