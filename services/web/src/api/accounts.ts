/** The employer's people, over REST. */
import { client, demand } from "./client";
import { everyPage } from "./paging";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Account = Schemas["AccountOut"];
export type AccountChange = Schemas["AccountChange"];
export type NewAccount = Schemas["NewAccount"];
export type Role = Account["roles"][number];

const PAGE = 200;
export const ROLES: Role[] = ["recruiter", "reviewer", "admin"];
/** Characters of a password, as the gateway takes them. */
export const PASSWORD_LEAST = 12;
export const PASSWORD_MOST = 200;

/** All of them, oldest first. */
export function listAccounts(): Promise<Account[]> {
  return everyPage((cursor) =>
    demand(client.GET("/api/v1/accounts", { params: { query: { limit: PAGE, cursor } } })),
  );
}

/** Make one. */
export function createAccount(body: NewAccount): Promise<Account> {
  return demand(client.POST("/api/v1/accounts", { body }));
}

/** Change what is named; the rest stays. */
export function updateAccount(accountId: string, body: AccountChange): Promise<Account> {
  return demand(
    client.PATCH("/api/v1/accounts/{account_id}", { params: { path: { account_id: accountId } }, body }),
  );
}
