import type { GenerateOptions } from '../../../src/index.js';
import { small } from '../small.js';
import { type Target, text, textOf } from '../target.js';

const OPTIONS = [
  '{"maxTokens":2,"temperature":0.8,"topK":5,"topP":0.9,"minP":0.05,"typicalP":0.9,"seed":7}',
  '{"maxTokens":2,"repetitionPenalty":1.2,"frequencyPenalty":0.5,"presencePenalty":0.1,"noRepeatNgram":2,"stop":["x"]}',
  '{"maxTokens":2,"beams":2,"lengthPenalty":1,"returned":2,"earlyStopping":true}',
  '{"maxTokens":3,"format":{"choices":[" red"," blue"]},"logprobs":2}',
  '{"maxTokens":2,"bannedTexts":["the"],"logitBias":{"5":1.5},"minTokens":1,"ignoreEos":true}',
  '{"maxTokens":2,"watermark":{"kind":"kgw","key":5},"temperature":0}',
];

/** Prompt and options of `generate`, as [prompt, options]. */
export const GENERATE_OPTIONS: Target = {
  ...{ name: 'generate-options', kind: 'json' },
  words: [
    'maxTokens',
    'temperature',
    'topK',
    'seed',
    'stop',
    'beams',
    'format',
    'jsonSchema',
    'regex',
    'choices',
    'speculation',
    'guidance',
    'filter',
    'penaltyAlpha',
    'mirostat',
    'xtc',
    'dry',
  ],
  seeds: () => OPTIONS.map((options) => text(`["Once upon",${options}]`)),
  async read(input) {
    let given: unknown;
    try {
      given = JSON.parse(textOf(input));
    } catch {
      given = [textOf(input).slice(0, 200), {}];
    }
    const [prompt, options] = Array.isArray(given) ? given : [given, {}];
    const timeout = AbortSignal.timeout(1000);
    const signal = { signal: timeout };
    const whole =
      typeof options === 'object' && options !== null && !Array.isArray(options)
        ? { ...options, ...signal }
        : options;
    const { text: written } = await small.generate(prompt as never, whole as GenerateOptions);
    if (typeof written !== 'string') throw new Error(`the text is ${typeof written}`);
  },
};
