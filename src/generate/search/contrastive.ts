import { Gpt2Error } from '../../base/errors.js';
import { now } from '../../base/timers.js';
import type { LogitsRow } from '../../core/types.js';
import type { Token } from '../completion.js';
import { contextIsFull } from '../context_full.js';
import { banAndReport, type LogprobReport } from '../report_logprobs.js';
import type { GenerationSequence } from '../sequence.js';
import { type Candidate, ContrastiveSearch, candidatesOf } from './contrastive_search.js';
import type { SearchTask } from './search_task.js';

/** What an evaluated text says about its last position and about the next token. */
interface Outlook {
  /** Final hidden state [C] of the last position. */
  readonly hidden: Float32Array;
  readonly candidates: readonly Candidate[];
  /** Only with the option `logprobs`. */
  readonly report: LogprobReport | undefined;
}

/**
 * Searches contrastively, and yields each token as it is chosen. Throws `context-full`, and `invalid-option` if
 * all tokens are banned.
 */
export async function* contrastiveTokens(task: SearchTask): AsyncGenerator<Token, void> {
  const { sequence, prompt, options, measures } = task;
  const { contextLength } = sequence;
  const choice = task.begin(0);
  const text = prompt.slice();
  const search = new ContrastiveSearch(options.penaltyAlpha);
  let start = now();
  try {
    let outlook = await evaluatePrompt(task, search);
    while (outlook !== undefined) {
      const next = await choose(task, search, text, outlook);
      if (next === undefined) return;
      const { token } = next;
      measures[choice.tokenCount === 0 ? 'promptMs' : 'decodeMs'] += now() - start;
      if (choice.tokenCount > 0) measures.decodedTokens++;
      const reason = text.length === contextLength && options.contextFull === 'stop' ? 'context' : undefined;
      yield choice.add(choice.accept({ id: token, logprob: outlook.report?.(token) }, reason));
      if (choice.finishReason !== undefined) return;
      start = now();
      text.push(token);
      outlook = next.outlook;
    }
  } finally {
    // The last token was evaluated as a candidate, but a session holds the tokens before it.
    sequence.rewind(text.length);
  }
}

/**
 * Evaluates the whole prompt, since the hidden states of positions that are in pages already are not kept.
 * Returns undefined if the signal fired.
 */
async function evaluatePrompt(task: SearchTask, search: ContrastiveSearch): Promise<Outlook | undefined> {
  const { sequence, prompt, options } = task;
  const { signal, priority } = options;
  const { vectors } = sequence;
  const read = ({ hidden }: LogitsRow, index: number) => search.remember(vectors + index, hidden);
  await sequence.evaluate({ tokens: prompt, first: -vectors, wanted: 'hidden', read, signal, priority });
  return evaluate(task, sequence, prompt);
}

/**
 * The next token and the outlook after it, which the sequence then holds. After the last position of the
 * context no candidate can be evaluated, and the most likely one is taken. Returns undefined if the signal
 * fired.
 */
async function choose(
  task: SearchTask,
  search: ContrastiveSearch,
  text: readonly number[],
  outlook: Outlook,
): Promise<{ readonly token: number; readonly outlook: Outlook } | undefined> {
  const { sequence, prompt } = task;
  const { contextLength } = sequence;
  const { candidates } = outlook;
  if (text.length > contextLength) throw contextIsFull(contextLength, text.length - prompt.length, '"stop"');
  const [likeliest] = candidates;
  if (likeliest === undefined) {
    throw new Gpt2Error(
      'invalid-option',
      'no token is left: the options ban the whole vocabulary; ban fewer',
    );
  }
  if (text.length === contextLength) return { token: likeliest.token, outlook };

  let unused = candidates.map(() => sequence.fork());
  try {
    const outlooks = await Promise.all(
      candidates.map(({ token }, i) => evaluate(task, unused[i]!, [...text, token])),
    );
    if (!outlooks.every((one) => one !== undefined)) return undefined;
    const hidden = outlooks.map((one) => one.hidden);
    const index = search.choose(candidates, hidden);
    const chosen = unused[index]!;
    sequence.become(chosen);
    unused = unused.filter((fork) => fork !== chosen);
    return { token: candidates[index]!.token, outlook: outlooks[index]! };
  } finally {
    for (const fork of unused) fork.release();
  }
}

/** Evaluates a text on a sequence; undefined if the signal fired. */
async function evaluate(
  { prompt, options, tokenizer, createProcessors }: SearchTask,
  sequence: GenerationSequence,
  text: readonly number[],
): Promise<Outlook | undefined> {
  const { signal, priority, topK, logprobs } = options;
  const processors = createProcessors();
  for (const token of text.slice(prompt.length)) {
    for (const processor of processors) processor.push?.(token);
  }
  let outlook: Outlook | undefined;
  const read = (row: LogitsRow) => {
    const hidden = row.hidden.slice();
    const report = banAndReport(row, tokenizer, logprobs);
    for (const processor of processors) processor.apply(row.values, row);
    outlook = { hidden, candidates: candidatesOf(row, topK), report };
  };
  const evaluated = await sequence.evaluate({ tokens: text, read, signal, priority });
  return evaluated && outlook;
}
