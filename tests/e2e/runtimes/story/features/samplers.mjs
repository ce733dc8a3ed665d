import { contentOf } from '../values.mjs';

/** Samplers and penalties, any that go together. */
export async function samplers({ model, draw }) {
  const texts = [];
  for (let text = 0; text < 6; text++) {
    const options = { maxTokens: 24, ...drawn(draw), seed: draw.seed(), ignoreEos: true };
    const choices = contentOf(await model.generate(draw.prompt(), options));
    texts.push({ options, choices });
  }
  return texts;
}

function drawn(draw) {
  const some = (options) => (draw.below(3) === 0 ? options : {});
  const mirostat = {
    ...{ mirostat: draw.pick([1, 2]), mirostatTau: draw.pick([2, 4]), mirostatEta: 0.3 },
    ...{ topK: 0, topP: 1, minP: 0, typicalP: 1 },
  };
  const truncations = {
    ...some({ typicalP: draw.pick([0.3, 0.9]) }),
    ...some({ topH: draw.pick([0.3, 0.8]) }),
    ...some({ topNSigma: draw.pick([0.5, 2]) }),
    ...some({ epsilonCutoff: 0.02 }),
    ...some({ etaCutoff: 0.05 }),
    ...some({ topK: 1 + draw.below(40) }),
    ...some({ minP: 0.05 }),
    ...some({ xtcProbability: draw.pick([0.5, 1]), xtcThreshold: draw.pick([0.05, 0.2]) }),
  };
  return {
    temperature: draw.pick([0.37, 0.8, 1.3, 2.1]),
    ...some({ dynamicTemperatureRange: 0.3, dynamicTemperatureExponent: draw.pick([0.5, 1, 1.7]) }),
    ...(draw.below(4) === 0 ? mirostat : truncations),
    ...some({ dryMultiplier: draw.pick([0.5, 3]), dryAllowedLength: draw.below(3), dryBase: 1.63 }),
    ...some({ encoderRepetitionPenalty: draw.pick([0.7, 1.5]) }),
    ...some({ repetitionPenalty: 1.3, frequencyPenalty: 0.3, presencePenalty: 0.1 }),
    ...some({ exponentialDecay: { start: draw.below(10), factor: 1.07 } }),
    ...some({ noRepeatNgram: 2 + draw.below(2) }),
  };
}
