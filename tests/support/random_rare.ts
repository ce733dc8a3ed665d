import type { GenerateOptions } from '../../src/generate/options.js';
import type { LogitsProcessor } from '../../src/generate/processors/logits_processor.js';
import type { Watermark } from '../../src/generate/watermark/watermark.js';
import type { randomSource } from './random.js';

/** A processor whose effect depends on all that it gets. */
class Whimsical implements LogitsProcessor {
  apply(...[logits, { prompt, tokens, softmax }]: Parameters<LogitsProcessor['apply']>): void {
    const likeliest = Math.max(...softmax(2));
    logits[(7 * tokens.length + (tokens.at(-1) ?? prompt.at(-1)!)) % logits.length]! += 3 * likeliest;
  }
}

const WATERMARKS: readonly Watermark[] = [
  { kind: 'kgw', bias: 3 },
  { kind: 'kgw', seedingScheme: 'selfhash', contextWidth: 3, greenlistRatio: 0.5 },
  { kind: 'unigram', key: 7, bias: 1 },
  { kind: 'synthid', keys: 11, ngramLen: 2, contextHistorySize: 4, samplingTableSize: 64 },
  { kind: 'synthid', keys: [1, 2, 3], ngramLen: 4, skipFirstNgramCalls: true, samplingTableSize: 64 },
];

/** Random options of rare samplers and processors, any that go together. */
export function randomRare(random: ReturnType<typeof randomSource>): GenerateOptions {
  const some = (options: GenerateOptions) => (random.below(3) === 0 ? options : {});
  const mirostat = {
    ...{ mirostat: random.pick([1, 2] as const), mirostatTau: random.pick([1, 3]), mirostatEta: 0.3 },
    ...{ topK: 0, topP: 1, minP: 0, typicalP: 1 },
  };
  const truncations = {
    ...some({ typicalP: random.pick([0.3, 0.9]) }),
    ...some({ topH: random.pick([0.3, 0.8]) }),
    ...some({ topNSigma: random.pick([0.5, 2]) }),
    ...some({ epsilonCutoff: 0.02 }),
    ...some({ etaCutoff: 0.05 }),
    ...some({ xtcProbability: random.pick([0.5, 1]), xtcThreshold: random.pick([0.05, 0.2]) }),
  };
  const orders = [
    [
      'xtc',
      'etaCutoff',
      'epsilonCutoff',
      'typicalP',
      'minP',
      'topP',
      'topK',
      'topH',
      'topNSigma',
      'temperature',
    ],
    [
      'topK',
      'topP',
      'minP',
      'topNSigma',
      'topH',
      'temperature',
      'xtc',
      'typicalP',
      'epsilonCutoff',
      'etaCutoff',
    ],
  ] as const;
  return {
    ...some({ dynamicTemperatureRange: 0.5, dynamicTemperatureExponent: random.pick([0.5, 1, 2]) }),
    ...(random.below(6) === 0 ? mirostat : { ...truncations, ...some({ samplers: random.pick(orders) }) }),
    ...some({
      dryMultiplier: random.pick([0.5, 3]),
      dryAllowedLength: random.below(3),
      dryPenaltyLastN: random.pick([-1, 20]),
      drySequenceBreakers: random.pick([[], ['e', 'th']]),
    }),
    ...some({ encoderRepetitionPenalty: random.pick([0.7, 1.5]) }),
    ...some({ watermark: random.pick(WATERMARKS) }),
    ...some({ encoderNoRepeatNgram: 1 + random.below(3) }),
    ...some({ forcedBos: 5, forcedEos: random.pick([0, [0, 7]]) }),
    ...some({ exponentialDecay: { start: random.below(10), factor: 1.3 } }),
    ...some({ beginBannedTokens: [random.below(48), 0] }),
    ...some({ processors: random.pick([[new Whimsical()], [() => new Whimsical(), new Whimsical()]]) }),
  };
}
