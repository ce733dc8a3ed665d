import type { Example } from './choice_plan.js';

type Encode = (text: string) => readonly number[];

/** An example in token ids. */
export type ExampleIds =
  | {
      readonly prompt: readonly number[];
      readonly chosen: readonly number[];
      readonly rejected: readonly number[];
    }
  | { readonly prompt: readonly number[]; readonly completion: readonly number[]; readonly label: boolean };

/**
 * An example in token ids, without ends of text: most continuations were cut, and the model must not learn to end there.
 * A prompt that ends inside a word leaves its last tokens to the continuations, as generations do.
 */
export function exampleIds(example: Example, encode: Encode): ExampleIds {
  if ('label' in example) {
    const [prompt, [completion]] = split(example.prompt, [example.completion], encode);
    return { prompt, completion: completion!, label: example.label };
  }
  const [prompt, [chosen, rejected]] = split(example.prompt, [example.chosen, example.rejected], encode);
  return { prompt, chosen: chosen!, rejected: rejected! };
}

/** The tokens that the prompt has alone and before all answers, and the other tokens of each answer. */
function split(prompt: string, answers: readonly string[], encode: Encode): [number[], number[][]] {
  const alone = encode(prompt);
  const whole = answers.map((answer) => encode(prompt + answer));
  let same = 0;
  while (same < alone.length && whole.every((ids) => ids[same] === alone[same])) same++;
  return [alone.slice(0, same), whole.map((ids) => ids.slice(same))];
}
