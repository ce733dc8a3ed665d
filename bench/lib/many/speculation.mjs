import { measureByHeart } from './by_heart.mjs';
import { measureTold } from './told.mjs';

/** Speculation against plain decoding: on given texts, and on stories that the embedded model makes up. */
export async function measureSpeculation(options) {
  return { byHeart: await measureByHeart(options), told: await measureTold(options) };
}
