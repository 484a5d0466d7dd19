/** Dead letters, retention and the sign-in settings over REST: for administrators. */
import { client, demand } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type DeadLetter = Schemas["DeadLetter"];
export type WholeDeadLetter = Schemas["WholeDeadLetter"];
export type DeadLetterPage = Schemas["Page_DeadLetter_"];
export type RetentionRule = Schemas["RetentionRule"];
export type SignInSettings = Schemas["SignInSettings"];
export type Provider = Schemas["Provider"];

const numbered = (number: number) => ({ path: { number } });
const ONE = "/api/v1/dead-letters/{number}";

/** One page of what could not be handled, oldest first. */
export function listDeadLetters(cursor: string): Promise<DeadLetterPage> {
  return demand(client.GET("/api/v1/dead-letters", { params: { query: { limit: 50, cursor } } }));
}

/** One with its headers. */
export function getDeadLetter(number: number): Promise<WholeDeadLetter> {
  return demand(client.GET(ONE, { params: numbered(number) }));
}

/** Send it to where it came from again. */
export async function retryDeadLetter(number: number): Promise<void> {
  await demand(client.POST(`${ONE}/retry`, { params: numbered(number) }));
}

/** Remove it for good. */
export async function deleteDeadLetter(number: number): Promise<void> {
  await demand(client.DELETE(ONE, { params: numbered(number) }));
}

/** What is kept, for how long, and what ends it. */
export async function getRetention(): Promise<RetentionRule[]> {
  return (await demand(client.GET("/api/v1/retention"))).items;
}

/** How staff sign in here, and whether the identity provider answers now. */
export function getSignInSettings(): Promise<SignInSettings> {
  return demand(client.GET("/api/v1/sign-in-settings"));
}
