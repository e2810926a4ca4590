import { expect, test } from "vitest";
import { makeGoldenData } from "./golden-graph.test-support.js";

test("the stored golden graph and its expectation are those that the reference computes", async () => {
  // After a change of the graph: npx vitest run golden-data -u
  const text = JSON.stringify(makeGoldenData(), null, 2);
  // As the formatter writes short lists.
  const json = text.replace(/\[[\s\d,]+\]/g, (list) =>
    JSON.stringify(JSON.parse(list)).replaceAll(",", ", "),
  );
  await expect(`${json}\n`).toMatchFileSnapshot("golden-data.json");
});
