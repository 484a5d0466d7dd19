/** Who is signed in, as the pages see it, and what their roles open. The gateway decides; this only hides dead ends. */
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { getMe, type Me } from "../api/staff";
import { ME } from "../app/queries";

/** Whoever is signed in; null for nobody. Asked again when the window comes back and when a request is refused. */
export function useSession(): UseQueryResult<Me | null> {
  return useQuery({ queryKey: ME, queryFn: getMe, staleTime: 60_000 });
}

export const MeContext = createContext<Me | null>(null);

/** The person who is signed in; only below the Frame. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (me === null) throw new Error("useMe stands outside the Frame");
  return me;
}

/** May make positions, rubrics and invitations. */
export function mayRecruit(me: Me): boolean {
  return me.roles.includes("recruiter") || me.roles.includes("admin");
}

/** May score and decide. */
export function mayReview(me: Me): boolean {
  return me.roles.includes("reviewer") || me.roles.includes("admin");
}

/** May see accounts, webhooks and the audit log. */
export function mayAdminister(me: Me): boolean {
  return me.roles.includes("admin");
}
