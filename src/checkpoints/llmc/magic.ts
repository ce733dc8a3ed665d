/** First little-endian u32 of a model file. */
export const MODEL_MAGIC = 20240326;
