/** What the gateway tells of a sign-in at the identity provider that did not work: it sends the browser back with it. */

/** The parameter of the address. */
export const FAILED = "sign_in";

export type SignInFailure = "unfinished" | "refused" | "noAccount" | "unavailable" | "off" | "other";

const REASONS: Record<string, SignInFailure> = {
  OIDC_STATE: "unfinished",
  OIDC_REFUSED: "refused",
  OIDC_TOKEN: "refused",
  NO_ACCOUNT: "noAccount",
  OIDC_UNAVAILABLE: "unavailable",
  UNAVAILABLE: "unavailable",
  OIDC_OFF: "off",
};

/** What an address tells; null when it tells of nothing. */
export function failureOf(search: string): SignInFailure | null {
  const reason = new URLSearchParams(search).get(FAILED);
  return reason === null ? null : (REASONS[reason] ?? "other");
}

/** The address without the parameter. */
export function addressWithout(
  parameter: string,
  { pathname, search, hash }: Pick<Location, "pathname" | "search" | "hash">,
): string {
  const rest = new URLSearchParams(search);
  rest.delete(parameter);
  const query = rest.toString();
  return `${pathname}${query && `?${query}`}${hash}`;
}
