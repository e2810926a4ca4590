import { describe, expect, it } from "vitest";
import { type Answer, toResponse, withHeaders } from "./answer.js";
import { json } from "./route.js";

const kinds: Readonly<Record<string, (headers: Record<string, string>) => Answer>> = {
  "a text": (headers) => withHeaders(json({ here: true }), headers),
  "a response": (headers) => new Response("bytes", { headers }),
};

for (const [kind, make] of Object.entries(kinds))
  describe(`headers of ${kind}`, () => {
    const of = (answer: Answer) => Object.fromEntries(toResponse(answer).headers);

    it("are set over what is there, or kept", () => {
      const answer = () => make({ "cache-control": "public" });
      expect(of(withHeaders(answer(), { "cache-control": "no-store" }))["cache-control"]).toBe("no-store");
      const kept = of(withHeaders(answer(), { "cache-control": "no-store", "x-other": "1" }, { keep: true }));
      expect(kept).toMatchObject({ "cache-control": "public", "x-other": "1" });
    });

    it("name all that the answer depends on", () => {
      expect(of(withHeaders(make({ vary: "Accept" }), { vary: "Origin" }))["vary"]).toBe("Accept, Origin");
      expect(of(withHeaders(make({}), { vary: "Origin" }))["vary"]).toBe("Origin");
    });
  });
