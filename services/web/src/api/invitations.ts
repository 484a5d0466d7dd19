/** Invitations over REST. */
import { client, demand } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type NewInvitation = Schemas["NewInvitation"];
export type CreatedInvitation = Schemas["CreatedInvitation"];

/** People of one batch, as the gateway takes at most. */
export const BATCH_MOST = 500;

/** Invite all of them, or nobody with a fault for each wrong entry. With the same `key` again nobody is invited twice. */
export async function invite(
  positionId: string,
  invitations: NewInvitation[],
  validForSeconds: number,
  key: string = crypto.randomUUID(),
): Promise<CreatedInvitation[]> {
  const params = { path: { position_id: positionId } };
  const body = { invitations, valid_for_seconds: validForSeconds };
  const headers = { "Idempotency-Key": key };
  return (await demand(client.POST("/api/v1/positions/{position_id}/invitations", { params, body, headers })))
    .items;
}

/** A new link; the old one is void. */
export function reissue(interviewId: string, validForSeconds: number): Promise<CreatedInvitation> {
  const params = { path: { interview_id: interviewId } };
  const body = { valid_for_seconds: validForSeconds };
  return demand(client.POST("/api/v1/interviews/{interview_id}/invitation/reissue", { params, body }));
}

/** Void a link; the interview expires. */
export async function revoke(interviewId: string): Promise<void> {
  const params = { path: { interview_id: interviewId } };
  await demand(client.POST("/api/v1/interviews/{interview_id}/invitation/revoke", { params }));
}
