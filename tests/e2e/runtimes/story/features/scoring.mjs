/** How likely texts and choices are, and all that is measured of a text. */
export async function scoring({ model, draw, examine }) {
  const text = draw.text(8);
  const choices = [draw.prompt(), draw.prompt(), draw.prompt()];
  return {
    scores: await model.score([text, draw.text(2)], { top: 3 }),
    chosen: await Promise.all(
      ['sum', 'mean', 'bytes'].map((by) => model.choose(draw.prompt(), choices, { by })),
    ),
    loglikelihood: await model.loglikelihood(draw.prompt(), ` ${draw.prompt()}`),
    embedded: await model.embed([text, draw.prompt()]),
    examined: await examine.examine(model, text, { top: 4 }),
    typed: await examine.typoEffects(model, draw.text(2), { rates: [0.1], seed: draw.below(1000) }),
    read: await examine.readingDifficulty(model, text),
  };
}
