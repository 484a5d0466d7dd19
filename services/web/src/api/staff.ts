/** Who of the employer's people is signed in. */
import { client, demand } from "./client";
import { Problem } from "./problems";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Me = Schemas["Me"];
export type Role = Me["roles"][number];

/** The person who is signed in; null for nobody. */
export async function getMe(): Promise<Me | null> {
  try {
    return await demand(client.GET("/api/v1/auth/me"));
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

/** Sign in with a local account. */
export function signIn(email: string, password: string): Promise<Me> {
  return demand(client.POST("/api/v1/auth/login", { body: { email, password } }));
}

/** End the session on this device. */
export async function signOut(): Promise<void> {
  await demand(client.POST("/api/v1/auth/logout"));
}

/** The ways to sign in that are offered here. */
export function getSignInMethods(): Promise<Schemas["SignInMethods"]> {
  return demand(client.GET("/api/v1/auth/methods"));
}

/** Where the identity provider is asked; it brings the browser back to `path`. */
export function providerAddress(path: string): string {
  return `/api/v1/auth/oidc/login?return_to=${encodeURIComponent(path)}`;
}
