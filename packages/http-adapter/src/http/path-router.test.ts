import { describe, expect, it } from "vitest";
import { PathRouter } from "./path-router.js";

describe("PathRouter", () => {
  const router = new PathRouter([
    ["/", "root"],
    ["/session/{session_id}", "session"],
    ["/session/{session_id}/files/{name}", "file"],
    ["/session/new", "new"],
    ["/openapi.json", "document"],
  ]);

  for (const [path, value, params] of [
    ["/", "root", {}],
    ["/session/17", "session", { session_id: "17" }],
    ["/session/new", "new", {}],
    ["/session/a/files/b.png", "file", { session_id: "a", name: "b.png" }],
    ["/session/a%2Fb", "session", { session_id: "a/b" }],
    ["/session/__proto__", "session", { session_id: "__proto__" }],
    ["/session/%ZZ", "session", { session_id: "%ZZ" }],
    ["/openapi.json", "document", {}],
  ] as const)
    it(`finds ${path}`, () => expect(router.find(path)).toEqual({ value, params }));

  for (const path of ["/session", "/session/", "/session/a/b", "/openapiXjson", "/session/a/files/b/c", ""])
    it(`finds nothing at "${path}"`, () => expect(router.find(path)).toBeUndefined());
});
