import { checkIterable } from '../../base/check_lists.js';
import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { throwIfAborted } from '../../base/errors.js';
import { withinMemory } from '../../base/memory_error.js';
import { nextTask } from '../../base/next_task.js';
import { vocabularyEntries } from '../bpe/definition.js';
import { PLAIN_BPE } from '../bpe/plain_bpe.js';
import { tokenizerParts } from '../files/parts.js';
import { END_OF_TEXT } from '../files/settings.js';
import { JsonTexts } from '../texts.js';
import { Tokenizer } from '../tokenizer.js';
import { type LearnedMerges, type LearnStep, learnMerges } from './learn_merges.js';
import { WordCounter } from './word_counter.js';

/** The 256 bytes and the token that ends a text. */
const LEAST_VOCABULARY = 257;
/** Tokenizers with more ids cannot be read. */
const LARGEST_VOCABULARY = 2 ** 20;

/** How a tokenizer is trained. */
export interface TrainTokenizerOptions {
  /** Number of tokens, including the 256 bytes and `<|endoftext|>`: 257 to 2^20. Short texts give fewer. */
  readonly vocabSize: number;
  /** A pair becomes a token only if it occurs at least this often; default 2. */
  readonly minFrequency?: number;
  /** Ends the training with `aborted`. */
  readonly signal?: AbortSignal;
  /** Called from time to time while merges are learned, after all texts have been read. */
  readonly onProgress?: (step: LearnStep) => void;
}

const OPTION_NAMES = ['vocabSize', 'minFrequency', 'signal', 'onProgress'];

/**
 * Trains a byte-level BPE tokenizer such as GPT-2's (Radford et al. 2019) on texts: whole documents, or parts
 * that end where a word ends. Special tokens are not looked for in them. The same texts give the same
 * tokenizer in any order and on every machine; see `learnMerges` for the choice between equally frequent
 * pairs. `<|endoftext|>` gets the last id.
 *
 * Throws `invalid-option` and `aborted`.
 */
export function trainTokenizer(
  texts: Iterable<string> | AsyncIterable<string>,
  options: TrainTokenizerOptions,
): Promise<Tokenizer> {
  return withinMemory(train(texts, options));
}

async function train(
  texts: Iterable<string> | AsyncIterable<string>,
  options: TrainTokenizerOptions,
): Promise<Tokenizer> {
  checkOptionNames('trainTokenizer', options, OPTION_NAMES);
  const { vocabSize, minFrequency = 2, signal, onProgress } = options;
  checkVocabSize(vocabSize);
  checkMinFrequency(minFrequency);
  checkIterable('texts', texts, 'an iterable of texts');
  const counter = new WordCounter();
  for await (const text of texts) {
    if (typeof text !== 'string') throw invalidOption('an item of texts', text, 'a string');
    throwIfAborted(signal, 'training the tokenizer');
    counter.add(text);
  }
  const learning = learnMerges(counter.words, vocabSize - 1, minFrequency);
  for (;;) {
    await nextTask();
    throwIfAborted(signal, 'training the tokenizer');
    const step = learning.next();
    if (step.done) return tokenizerOf(step.value);
    onProgress?.(step.value);
  }
}

function tokenizerOf({ tokens, merges }: LearnedMerges): Tokenizer {
  const vocabulary = Object.fromEntries([...tokens, END_OF_TEXT].map((token, id) => [token, id]));
  const definition = {
    ...vocabularyEntries('trained tokenizer', vocabulary),
    merges: new JsonTexts(merges),
    mergePosition: (index: number) => `merge ${index}`,
    addedTokens: [],
    ...PLAIN_BPE,
  };
  const noFiles = { addedTokens: undefined, specialTokensMap: undefined, tokenizerConfig: undefined };
  return new Tokenizer({ ...tokenizerParts(definition, noFiles), notes: [] });
}

function checkVocabSize(value: number): void {
  if (Number.isInteger(value) && value >= LEAST_VOCABULARY && value <= LARGEST_VOCABULARY) return;
  throw invalidOption(
    'vocabSize',
    value,
    `a whole number from ${LEAST_VOCABULARY} (256 bytes and the end of text) to ${LARGEST_VOCABULARY}`,
  );
}

function checkMinFrequency(value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw invalidOption('minFrequency', value, 'a whole number from 1');
}
