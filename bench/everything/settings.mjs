// @ts-check
/** The built-in model rates its masks lower than SAM does: thresholds that leave it much to judge. */
export const thresholds = { predIouThresh: 0.5, stabilityScoreThresh: 0.5 };

export const grid = { ...thresholds, pointsPerSide: 32 };

/** Threads for one run of the model. */
export const THREADS = 1;
