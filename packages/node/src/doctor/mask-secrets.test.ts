import { expect, test } from "vitest";
import { tellingVariables } from "./environment.js";
import { maskDeeply, maskText, maskVariable } from "./mask-secrets.js";

test.each([
  ["/home/ann/models/a.onnx is broken", "~/models/a.onnx is broken"],
  ["http://ann:pass@proxy.example:3128", "http://***@proxy.example:3128"],
  [
    "via https://token@mirror.example/models?sig=abc&x=1 now",
    "via https://***@mirror.example/models?*** now",
  ],
  ["http://ann:p/ss@proxy.example", "http://***@proxy.example"],
  ["https://mirror.example/models", "https://mirror.example/models"],
])("%s is shown as %s", (text, shown) => {
  expect(maskText(text, "/home/ann")).toBe(shown);
});

test("a proxy without a scheme loses its credentials too, and a token is only said to be there", () => {
  expect(maskVariable("https_proxy", "ann:pass@proxy.example:3128", "/home/ann")).toBe(
    "***@proxy.example:3128",
  );
  expect(maskVariable("HF_TOKEN", "hf_abc", "/home/ann")).toBe("(set, not shown)");
});

test("every text of a report is masked", () => {
  const report = { path: "/home/ann/x", list: [{ reason: "http://a:b@c" }], count: 3, none: null };
  expect(maskDeeply(report, "/home/ann")).toEqual({
    path: "~/x",
    list: [{ reason: "http://***@c" }],
    count: 3,
    none: null,
  });
});

test("only variables that matter are shown", () => {
  const shown = tellingVariables({
    MASKERY_OFFLINE: "1",
    https_proxy: "http://u:p@h:1",
    AWS_SECRET_ACCESS_KEY: "never",
    PATH: "/bin",
    HF_TOKEN: "hf_1",
  });
  expect(shown).toEqual({
    HF_TOKEN: "(set, not shown)",
    MASKERY_OFFLINE: "1",
    https_proxy: "http://***@h:1",
  });
});
