import type { z } from "zod";

/** A member that may be left out. Many clients write `null` for what they leave out, so that says the same. */
export function mayBeAbsent<S extends z.ZodType>(schema: S) {
  return orNothing(schema).transform((value) => value ?? undefined);
}

/** The same, with a value in its place. */
export function absentMeans<S extends z.ZodType>(
  schema: S,
  value: z.output<S> & z.util.NoUndefined<z.output<S>>,
) {
  return orNothing(schema, { default: value }).transform((given) => (given ?? value) as z.output<S>);
}

/** What the schema says of itself stands beside the choice between it and nothing, where readers of the description look. */
function orNothing<S extends z.ZodType>(schema: S, more: { readonly default?: unknown } = {}) {
  // Made from the definition, a copy has nothing said of it.
  const silent = schema.clone(schema.def);
  return silent.nullish().meta({ ...schema.meta(), ...more });
}
