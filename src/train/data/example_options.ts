import type { LoraTarget } from '../../architecture/gpt2/lora.js';
import { type NumberRule, positive } from '../../base/check_number.js';
import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { type Resolved, type RunOptions, resolveRunOptions } from '../run_options.js';
import type { RunIdentity } from '../state/run_state.js';
import { checkTokenizer } from '../trainer_options.js';
import { checkExamples, datasetOf, type ExampleData } from './examples.js';

/** Options of a run over examples. */
export interface ExampleRunOptions<Example> extends RunOptions {
  readonly tokenizer?: Tokenizer;
  readonly data: ExampleData<Example>;
  readonly validation?: number | ExampleData<Example>;
  readonly epochs?: number;
}

/**
 * Checks the options of a run over examples, which messages show as `wanted`, and numbers by `rules`; fills in
 * defaults. An adapter may change `targets`. Throws `invalid-option`.
 */
export function resolveExampleOptions<Example, Options extends ExampleRunOptions<Example>>(
  options: Options,
  wanted: string,
  rules: Readonly<Record<string, NumberRule>>,
  targets?: readonly LoraTarget[],
): Resolved<Options> & { readonly validation: number | ExampleData<Example> } {
  const resolved = resolveRunOptions(options, { epochs: positive, ...rules }, targets);
  const { data, tokenizer, steps, patience } = options;
  checkTokenizer(tokenizer);
  checkExamples('data', data, wanted);
  const isDataset = datasetOf(data) !== undefined;
  const validation = options.validation ?? (isDataset ? 0.05 : 0);
  checkValidation(validation, isDataset, wanted);
  if (!isDataset && steps === undefined) {
    throw new Gpt2Error('invalid-option', 'data is an iterable, whose length is not known: give steps');
  }
  if (patience !== undefined && validation === 0) {
    throw new Gpt2Error('invalid-option', 'patience needs validation, whose losses it waits for');
  }
  return { ...resolved, validation };
}

/** Options that are part of the identity of a run over examples. */
export function exampleIdentity(
  options: Pick<
    Resolved<RunOptions>,
    'batchSize' | 'accumulation' | 'seed' | 'dropout' | 'lora' | 'optimizer'
  > & {
    readonly validation: unknown;
  },
): RunIdentity {
  const { batchSize, accumulation, validation, seed, dropout, lora, optimizer } = options;
  const share = typeof validation === 'number' ? validation : undefined;
  return { batchSize, accumulation, validation: share, seed, dropout, lora, optimizer };
}

function checkValidation(validation: unknown, hasLength: boolean, wanted: string): void {
  if (typeof validation !== 'number') {
    checkExamples('validation', validation, wanted);
    return;
  }
  const right = hasLength ? 'from 0 to below 1, or examples' : '0 or examples, since data is an iterable';
  if (!(validation >= 0 && validation < (hasLength ? 1 : Number.MIN_VALUE))) {
    throw invalidOption('validation', validation, right);
  }
}
