import { MaskeryError } from "@maskery/core";

/**
 * Runs work whose errors name members of the SDK's call, and names those of the request instead: `layers[1].color` of core is
 * `masks[1].color` here.
 * @param requestField - The request's name for one of core's; undefined where it has none.
 */
export async function withRequestFields<T>(
  requestField: (sdkField: string) => string | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const field = MaskeryError.is(error) && error.field !== undefined ? requestField(error.field) : undefined;
    if (!MaskeryError.is(error) || field === undefined) throw error;
    throw new MaskeryError(error.code, error.message.replace(error.field!, field), { field, cause: error });
  }
}
