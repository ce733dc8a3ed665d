import { contentOf } from '../values.mjs';

const NAME = { type: 'string', pattern: '^[A-Z][a-z]+$', maxLength: 12 };

/** One format of each kind. */
const FORMATS = [
  { regex: '(?:The|A) \\p{L}+ (?:is|was) (?!big)[a-z]{2,12}\\.' },
  {
    jsonSchema: {
      type: 'object',
      properties: {
        name: NAME,
        age: { type: 'integer', minimum: 1, maximum: 99 },
        weight: { type: 'number', multipleOf: 0.25, exclusiveMinimum: 0, maximum: 40 },
        friends: { type: 'array', items: NAME, uniqueItems: true },
        pet: { anyOf: [{ type: 'null' }, { enum: ['dog', 'cat'] }] },
      },
      required: ['name', 'age', 'friends'],
    },
  },
  { grammar: 'root ::= "(" root ")" | [a-z]+ (" and " [a-z]+)*' },
  { choices: ['a little dog', 'a big red ball', 'her mom'] },
];

/** Texts in forms, without texts, and filtered. */
export async function formats({ model, draw }) {
  const texts = [];
  for (const format of FORMATS) {
    const options = {
      format,
      maxTokens: 48,
      seed: draw.seed(),
      temperature: draw.pick([0.5, 1]),
      logprobs: 0,
    };
    texts.push(contentOf(await model.generate(draw.prompt(), options)));
  }
  for (const bans of [
    { bannedTexts: { texts: ['the', 'was', 'É'], ignoreCase: true } },
    { filter: [{ words: ['big', 'sad', 'happy', 'day'] }] },
    { stop: [' and', '.'], heal: true },
  ]) {
    const options = { ...bans, maxTokens: 20, seed: draw.seed() };
    texts.push(contentOf(await model.generate(draw.prompt(), options)));
  }
  return texts;
}
