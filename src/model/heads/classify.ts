import type { Cancellation } from '../../base/cancellation.js';
import type { LoadedModel } from '../../generate/loaded_models.js';
import type { AnyPrompt } from '../../generate/prefixed_prompt.js';
import { headRows } from './head_rows.js';
import { oneOrAll } from './one_or_all.js';
import { hiddenRows, joinedTexts, type PlacedText, placedText } from './placed_text.js';
import { largest, sigmoids, softmaxOf } from './probabilities.js';
import { headOf, type TaskHead } from './task_head.js';
import type { Classification, ClassifyOptions, TextPair } from './types.js';

type Input = AnyPrompt | TextPair;

/** Arguments of `classify`, which may cross to a worker. */
export interface ClassifyArgs extends Omit<ClassifyOptions, 'signal'> {
  readonly input: Input | readonly Input[];
}

const isPair = (input: Input): input is TextPair =>
  typeof input === 'object' && (input as Partial<TextPair>).pair !== undefined;

/** As `BaseModel.classify`, where the model is. */
export async function classifyHere(
  model: LoadedModel,
  { input, apply, separator }: ClassifyArgs,
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<Classification | Classification[]> {
  const { head } = headOf(model.core, 'score');
  return oneOrAll(input, signal, async (text, stop) => {
    const placed = isPair(text)
      ? joinedTexts(model, text.text, text.pair, separator)
      : placedText(model, text);
    return classificationOf(head, await pooledLogits(model, head, placed, stop), apply);
  });
}

/** Results of a head for the state of the last token that is not the pad token: N numbers. */
export async function pooledLogits(
  model: LoadedModel,
  head: TaskHead,
  placed: PlacedText,
  signal: Cancellation | undefined,
): Promise<Float32Array> {
  const states = await hiddenRows(model, placed, signal, {
    from: pooledRow(placed, head.padTokenId),
    count: 1,
  });
  return headRows(head, states, signal);
}

/** As in transformers, a text of pad tokens alone is judged at its first one. */
function pooledRow({ tokens, vectors }: PlacedText, padTokenId: number | undefined): number {
  if (tokens.length === 0) return vectors - 1;
  return (
    vectors +
    Math.max(
      0,
      tokens.findLastIndex((token) => token !== padTokenId),
    )
  );
}

function classificationOf(
  { labels, problem }: TaskHead,
  logits: Float32Array,
  apply = functionOf(problem, labels.length),
): Classification {
  const numbers = { softmax: softmaxOf, sigmoid: sigmoids, none: (given: Float32Array) => Array.from(given) };
  const values = numbers[apply](logits);
  const scores = labels.map((label, i) => ({ label, score: values[i]! }));
  return { ...scores[largest(logits)]!, scores, logits };
}

function functionOf(problem: string | undefined, labels: number): NonNullable<ClassifyOptions['apply']> {
  if (problem === 'regression') return 'none';
  return problem === 'multi_label_classification' || labels === 1 ? 'sigmoid' : 'softmax';
}
