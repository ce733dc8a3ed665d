/** Entries in each sum of `blockSums`. */
export const SUM_BLOCK = 64;
/** Buckets of `bucketSums`: the last one is that of the float 1. */
export const BUCKETS = 0x3f81;
