import type { z } from "zod";
import { describeValue, MaskeryError } from "./errors.js";

/** Turns the first problem that a schema found into an `INVALID_INPUT` naming field, expectation and what came. */
export function schemaError(error: z.ZodError, input: unknown, root: string): MaskeryError {
  const issue = error.issues[0];
  if (!issue) return new MaskeryError("INVALID_INPUT", `${root}: invalid`, { cause: error, field: root });
  const keys = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0]!] : issue.path;
  const field = fieldPath(root, keys);
  const received = describeValue(valueAt(input, keys));
  return new MaskeryError("INVALID_INPUT", `${field}: expected ${expectation(issue)}, received ${received}`, {
    cause: error,
    field,
  });
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return article(issue.expected);
    case "invalid_value":
      return issue.values.map((value) => describeValue(value)).join(" or ");
    case "unrecognized_keys":
      return "no such member";
    case "too_small":
      return `at least ${issue.minimum}${issue.origin === "array" ? " items" : ""}`;
    case "too_big":
      return `at most ${issue.maximum}${issue.origin === "array" ? " items" : ""}`;
    case "invalid_union": {
      const first = issue.errors.map((branch) => branch[0]).filter((found) => found !== undefined);
      return [...new Set(first.map((found) => expectation(found)))].join(" or ");
    }
    default:
      return issue.message;
  }
}

function article(typeName: string): string {
  const plain = typeName === "int" ? "integer" : typeName;
  return `${/^[aeiou]/.test(plain) ? "an" : "a"} ${plain === "number" ? "finite number" : plain}`;
}

/** `prompt`, [`points`, 1, `x`] → `prompt.points[1].x`; an empty root gives `points[1].x`. */
function fieldPath(root: string, keys: readonly PropertyKey[]): string {
  let path = root;
  for (const key of keys) {
    if (typeof key === "number") path += `[${key}]`;
    else path += path === "" ? String(key) : `.${String(key)}`;
  }
  return path === "" ? "input" : path;
}

function valueAt(input: unknown, keys: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of keys) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
