import { type UseQueryResult, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type CandidatePage, listCandidates } from "../api/candidates";
import type { Line } from "../api/live";
import { LiveBoard } from "../api/liveBoard";
import { ME } from "../app/queries";
import { takenIn } from "./boardRows";

/** A position's candidates: asked once, then told by the live board. */
export function useBoard(positionId: string): { board: UseQueryResult<CandidatePage>; line: Line } {
  const queries = useQueryClient();
  const [line, setLine] = useState<Line>("connecting");
  const board = useQuery({
    queryKey: ["candidates", positionId],
    queryFn: () => listCandidates(positionId),
  });
  const known = board.data !== undefined;
  useEffect(() => {
    if (!known) return;
    const key = ["candidates", positionId];
    const after = queries.getQueryData<CandidatePage>(key)?.changes_after ?? "";
    const live = new LiveBoard(positionId, after, {
      rows: (rows) => queries.setQueryData<CandidatePage>(key, (page) => page && takenIn(page, rows)),
      line: setLine,
      lost: () => void queries.invalidateQueries({ queryKey: ME }),
    });
    live.open();
    return () => live.close();
  }, [known, positionId, queries]);
  return { board, line };
}
