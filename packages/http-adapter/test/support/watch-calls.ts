import type { SegmentationApi } from "@maskery/http-adapter";
import { directAnswerOf, withDirectAnswer } from "../../src/http/direct.js";

export interface WatchedCalls {
  /** To mount instead of the API; requests take the same way through it, the short one included. */
  readonly api: SegmentationApi;
  /** Statuses of all answers, also of those that no client waited for. */
  readonly statuses: number[];
  /** Requests that the API is working on now. */
  underWay(): number;
}

/** Sees requests begin and end inside the mount. */
export function watchCalls(api: SegmentationApi): WatchedCalls {
  const statuses: number[] = [];
  let underWay = 0;
  const watch = async <T extends { readonly status: number }>(work: Promise<T>): Promise<T> => {
    underWay++;
    try {
      const answer = await work;
      statuses.push(answer.status);
      return answer;
    } finally {
      underWay--;
    }
  };
  const direct = directAnswerOf(api.fetch);
  if (!direct) throw new Error("The API has no short way any more: watch fetch alone.");
  const fetch: SegmentationApi["fetch"] = (request, options) => watch(api.fetch(request, options));
  return {
    api: { ...api, fetch: withDirectAnswer(fetch, (arrival) => watch(direct(arrival))) },
    statuses,
    underWay: () => underWay,
  };
}
