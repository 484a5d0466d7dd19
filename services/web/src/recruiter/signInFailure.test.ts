import { expect, it } from "vitest";
import { addressWithout, FAILED, failureOf } from "./signInFailure";

it("knows why a sign-in at the provider did not work, and a reason that is still to come", () => {
  expect(failureOf("")).toBeNull();
  expect(failureOf("?sign_in=NO_ACCOUNT")).toBe("noAccount");
  expect(failureOf("?sign_in=OIDC_TOKEN&state=open")).toBe("refused");
  expect(failureOf("?sign_in=%3Cscript%3E")).toBe("other");
});

it("takes the reason out of the address and leaves the rest", () => {
  const at = (search: string) => addressWithout(FAILED, { pathname: "/positions", search, hash: "#a" });
  expect(at("?sign_in=NO_ACCOUNT")).toBe("/positions#a");
  expect(at("?state=open&sign_in=NO_ACCOUNT")).toBe("/positions?state=open#a");
});
