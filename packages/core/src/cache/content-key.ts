/** Changes whenever the same picture would reach a model as other numbers: a new resize, another rounding. */
export const PREPROCESSING_VERSION = 1;

/** What makes two computations the same. Never a client's id, never a callback. */
export interface ContentKeyParts {
  /** Keeps tenants apart: equal pictures of two tenants share nothing. */
  readonly namespace: string;
  /** Hash of the picture's content. */
  readonly image: string;
  readonly model: string;
  readonly operation: string;
}

/** One string for a cache. Parts are length-prefixed, so no two different lists of parts can collide. */
export function contentKey({ namespace, image, model, operation }: ContentKeyParts): string {
  return [namespace, image, model, `preprocessing ${PREPROCESSING_VERSION}`, operation]
    .map((part) => `${part.length}:${part}`)
    .join("|");
}
