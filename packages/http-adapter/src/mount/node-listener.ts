import type { IncomingMessage, ServerResponse } from "node:http";
import type { SegmentationApi } from "../create-segmentation-api.js";
import type { Answer } from "../http/answer.js";
import { directAnswerOf } from "../http/direct.js";
import { problemAnswer } from "../http/problem.js";
import { NodeArrival } from "./node-arrival.js";
import { writeAnswer } from "./write-answer.js";

/** Serves one request of a Node server. `mountPath` is the part of the path that belongs to the host application. */
export type NodeListener = (
  request: IncomingMessage,
  response: ServerResponse,
  mountPath: string,
) => Promise<void>;

/** The bridge that all mounts share. A `Request` is made only where somebody asks for one. */
export function nodeListener(api: SegmentationApi): NodeListener {
  return async (request, response, path) => {
    const mountPath = path.endsWith("/") ? path.replace(/\/+$/, "") : path;
    let answer: Answer;
    try {
      const arrival = new NodeArrival(request, response, mountPath);
      const direct = directAnswerOf(api.fetch);
      answer = await (direct ? direct(arrival) : api.fetch(arrival.request, { mountPath }));
    } catch (error) {
      answer = problemAnswer(error);
    }
    await writeAnswer(answer, response);
  };
}

/** The path of a request without its query. */
export function pathOf(url: string | undefined): string {
  return (url ?? "/").split("?", 1)[0]!;
}
