import { rm } from 'node:fs/promises';
import type { Command } from 'commander';
import { counted } from '../../base/counted.js';
import { inOrder } from '../../base/in_order.js';
import { exists } from '../../files/folder/exists.js';
import { answerLine } from '../../server/batch/answer_line.js';
import type { Handler } from '../../server/handler_options.js';
import { Answers } from '../batch/answers.js';
import { checkedCount, checkInput, requestsOf } from '../batch/requests.js';
import { parseShard, rangeOf, type Shard } from '../batch/shard.js';
import { addFlags, type Flag } from '../options/flag.js';
import { QUIET } from '../options/output_flags.js';
import { checkNewFile, writeNewFile } from '../outputs/new_file.js';
import { SERVED_FLAGS, type ServedValues, servedModels } from '../serving/served_models.js';
import { helpOption } from '../terminal/help_format.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note } from '../terminal/output.js';
import { reportProgress } from '../terminal/progress/file_progress.js';

/** Requests that are under way at the same time. */
const AT_ONCE = 64;
/** The longest time that a timer takes: the requests of a batch have no other limit. */
const NO_LIMIT_MS = 2 ** 31 - 1;

const MODELS = 'Models:';
const BATCH = 'Batch:';

const DETAILS = `
A line of IN is a request as OpenAI's batches have it:
  {"custom_id": "a", "method": "POST", "url": "/v1/completions",
   "body": {"prompt": "Once upon a time", "max_tokens": 20}}
Its url is any POST route of "gpt2-wasm serve" under /v1. OUT has a line for each
request, in their order, with the status and the body of its answer, also of
requests that are refused.

A command that was ended goes on where it was: answers so far are in OUT.part.
The bytes of OUT depend on IN and the models alone; a request without a seed gets
one from its custom_id. --shard I/N answers one piece of IN, and the outputs of
all pieces one after the other are that of the whole.

Examples:
  gpt2-wasm batch requests.jsonl answers.jsonl
  gpt2-wasm batch requests.jsonl part-3.jsonl --shard 3/8
  gpt2-wasm batch in.jsonl out.jsonl --model gpt2=openai-community/gpt2`;

const BATCH_FLAGS: Readonly<Record<string, Flag>> = {
  shard: { value: 'i/n', parse: parseShard, help: 'answer the I-th of N pieces of IN', standard: '1/1' },
  force: { help: 'overwrite OUT' },
  quiet: QUIET,
};

interface Values extends ServedValues {
  readonly shard?: Shard;
  readonly force?: true;
}

export function addBatch(program: Command): void {
  const command = program
    .command('batch')
    .summary("answer a file of requests in the form of OpenAI's batches")
    .description("Answer a file of requests in the form of OpenAI's batches.")
    .argument('<in>', 'file with a request in each line')
    .argument('<out>', 'file for the answers');
  addFlags(command, BATCH_FLAGS, BATCH);
  addFlags(command, SERVED_FLAGS, MODELS);
  command.addHelpOption(helpOption().helpGroup(BATCH)).addHelpText('after', DETAILS).action(batch);
}

async function batch(input: string, out: string, { shard, force, ...values }: Values): Promise<void> {
  await checkInput(input, out);
  const part = `${out}.part`;
  if (!(await exists(part))) await checkNewFile(out, force ?? false);
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  const progress = reportProgress(process.stderr, 'answering', values);
  let answers: Answers | undefined;
  let handler: Handler | undefined;
  try {
    const [from, to] = rangeOf(shard ?? { index: 1, count: 1 }, await checkedCount(input, signal));
    const { quiet, threads, maxMemory, ...settings } = values;
    answers = await Answers.open(part, { ...settings, from, to });
    await answers.check(requestsOf(input, signal, from, to));
    // An earlier command may have been ended when all was written.
    const isWritten = answers.count === to - from && (await answers.areIn(out));
    if (!isWritten) await checkNewFile(out, force ?? false);
    const models = await servedModels(values, signal);
    // Loaded here, since no other command needs it.
    const { createHandler } = await import('../../server/create_handler.js');
    const onError = (error: unknown) =>
      note(error instanceof Error ? (error.stack ?? error.message) : String(error));
    handler = createHandler({ ...models, onError, limits: { requestMs: NO_LIMIT_MS } });
    await handler.load();
    const { fetch } = handler;
    const results = inOrder(requestsOf(input, signal, from + answers.count, to), {
      ...{ signal, size: () => 1, most: AT_ONCE },
      run: (line, _, left) => answerLine(line, fetch, left),
    });
    let done = answers.count;
    let refused = 0;
    for await (const { line, status } of results) {
      await answers.add(line);
      if (status >= 400) refused++;
      progress.update({ loaded: ++done, total: to - from, file: input });
    }
    if (!isWritten) await writeNewFile(out, () => answers!.bytes(), force ?? false);
    await rm(part);
    progress.end();
    if (!quiet)
      note(`${counted(done, 'request')} answered${refused > 0 ? `, ${refused} with an error` : ''}`);
  } catch (error) {
    interrupt.report(error, `interrupted; the same command goes on with the answers in ${part}`);
  } finally {
    progress.end();
    await answers?.close();
    await handler?.close({ graceMs: 0 });
  }
}
