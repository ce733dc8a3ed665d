import { isSearch, type ResolvedOptions } from '../resolved_options.js';
import { greenLists } from './green_lists.js';
import { GreenMark } from './green_mark.js';
import type { Mark } from './mark.js';
import type { ResolvedWatermark } from './resolved_watermark.js';
import { Tournament } from './tournament.js';
import { TournamentMark } from './tournament_mark.js';
import { WatermarkProcessor } from './watermark_processor.js';

/** Makes the processors of the completions of one generation, each for a prompt. */
export function watermarkMaker(
  watermark: ResolvedWatermark,
  vocabSize: number,
  options: ResolvedOptions,
): (prompt: readonly number[]) => WatermarkProcessor {
  const isSampled = !isSearch(options) && options.temperature > 0;
  const createMark = markMaker(watermark, vocabSize);
  return (prompt) => new WatermarkProcessor(createMark(prompt), isSampled);
}

function markMaker(watermark: ResolvedWatermark, vocabSize: number): (prompt: readonly number[]) => Mark {
  if (watermark.kind === 'synthid') {
    const tournament = new Tournament(watermark);
    return () => new TournamentMark(tournament, watermark);
  }
  const lists = greenLists(watermark, vocabSize);
  return (prompt) => new GreenMark(lists, watermark.bias, prompt);
}
