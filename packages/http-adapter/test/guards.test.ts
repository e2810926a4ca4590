import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cases } from "./support/bad-requests/row.js";
import { expectProblem, openSite, type Site } from "./support/bad-requests/site.js";
import { badRequests } from "./support/bad-requests/table.js";
import { mounts } from "./support/mounts.js";
import { photo } from "./support/pictures.js";
import { createWatchedSegmenter, type WatchedSegmenter } from "./support/watched-segmenter.js";

let watched: WatchedSegmenter;
let jpeg: Uint8Array;
beforeAll(async () => {
  watched = await createWatchedSegmenter();
  jpeg = await photo(64, 48);
});
afterAll(() => watched.segmenter.dispose());

const table = badRequests(() => jpeg);

for (const mount of Object.keys(mounts)) {
  describe(`every route and every bad request, through ${mount}`, () => {
    let site: Site;
    beforeAll(async () => {
      site = await openSite(watched, new Blob([new Uint8Array(jpeg)]), mount);
    });
    afterAll(() => site.close());

    it("the table has a row for every route, and a route for every row", () => {
      expect(Object.keys(table).sort()).toEqual(site.api.routes.map(({ operationId }) => operationId).sort());
    });

    for (const [operationId, row] of Object.entries(table))
      for (const name of cases) {
        const check = row[name];
        // A reason says why this route cannot be asked so.
        if (typeof check === "function") it(`${operationId}: ${name}`, () => check(site));
      }

    it("another method: 405 with those that there are", async () => {
      for (const path of new Set(site.api.routes.map((route) => route.path))) {
        const methods = site.api.routes.filter((route) => route.path === path).map(({ method }) => method);
        const answer = await fetch(`${site.host.url}${path.replaceAll(/\{\w+\}/g, "x")}`, {
          method: "PATCH",
        });
        await expectProblem(answer, 405);
        expect(answer.headers.get("allow")!.split(", ")).toEqual(
          expect.arrayContaining([...new Set(methods)]),
        );
      }
    });

    it("after all that, a right request is served: the one place for work is free", async () => {
      const session_id = await site.newSession("painter");
      const answer = await site.caller.postJson("/segment", { session_id, points: [{ x: 5, y: 5 }] });
      expect(answer.total_masks).toBeGreaterThan(0);
      expect(site.calls.underWay()).toBe(0);
    });
  });
}
