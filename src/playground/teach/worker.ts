// Entry of the worker that trains.

import { Gpt2Error } from '../../base/errors.js';
import { blobSource } from '../../files/blob_source.js';
import { fileOf, MemoryTarget } from '../../files/memory_target.js';
import type { Source } from '../../files/source_options.js';
import { borrowThreads } from '../../host/platform.js';
import { convertModel } from '../../model/convert_model.js';
import { toWire } from '../../worker/protocol.js';
import { filesOf } from '../model/model_request.js';
import type { OpenLesson } from './open_lesson.js';
import type { Lesson, LessonCommand, Report, Saved, ThreadReport } from './protocol.js';
import { openText } from './text_trainer.js';

/** Length of a sample in tokens, and number of samples during a run. */
const SAMPLE_TOKENS = 60;
const SAMPLES = 5;

const scope = globalThis as unknown as Worker;
const report = (message: Report) => scope.postMessage(message);

let lesson: Lesson | undefined;
let source: Source;
let opened: OpenLesson | undefined;
let isStopped = false;

borrowThreads?.((thread, transfer) => {
  scope.postMessage({ report: 'thread', thread } satisfies ThreadReport, transfer);
});

scope.onmessage = async ({ data }: MessageEvent<LessonCommand>) => {
  try {
    if (data.command === 'stop') isStopped = true;
    else if (data.command === 'save') report({ report: 'saved', saved: await save() });
    else if (data.command === 'pack') report({ report: 'packed', gguf: await pack(data.saved) });
    else {
      isStopped = false;
      if (data.command === 'begin') await begin(data.lesson);
      await train();
    }
  } catch (error) {
    report({ report: 'error', error: toWire(error) });
  }
};

async function begin(wanted: Lesson): Promise<void> {
  lesson = wanted;
  opened?.trainer.dispose();
  opened = undefined;
  source = typeof wanted.source === 'string' ? wanted.source : blobSource(wanted.source);
  const prepare = (text: string) => report({ report: 'preparing', text });
  opened =
    'choices' in wanted
      ? await (await import('./choice_trainer.js')).openChoices(source, wanted, prepare)
      : await openText(source, wanted, prepare);
  const { trainer, about } = opened;
  report({ report: 'ready', steps: trainer.steps, about });
  await sample();
}

/** Trains until the end of the run or until a stop. */
async function train(): Promise<void> {
  const { trainer, accuracy } = opened!;
  const sampleEvery = Math.max(1, Math.ceil(trainer.steps / SAMPLES));
  // A stop may have arrived while the first sample was generated.
  if (!isStopped) {
    for await (const step of trainer) {
      report({ report: 'step', step });
      if (step.step % sampleEvery === 0 || trainer.finished) await sample();
      if (isStopped) break;
    }
  }
  const measured = await accuracy?.();
  if (measured !== undefined) report({ report: 'accuracy', accuracy: measured });
  report({ report: 'rest', finished: trainer.finished });
}

async function sample(): Promise<void> {
  const { trainer } = opened!;
  const { step } = trainer;
  const model = await trainer.model();
  try {
    const options = { maxTokens: SAMPLE_TOKENS, temperature: 0.8, seed: step };
    const { text } = await model.generate(lesson!.prompt, options);
    report({ report: 'sample', step, text });
  } finally {
    model.dispose();
  }
}

async function save(): Promise<Saved> {
  const target = new MemoryTarget();
  await opened!.trainer.save(target);
  return { files: target.files, isAdapter: lesson!.isAdapter };
}

async function pack({ files, isAdapter }: Saved): Promise<File | undefined> {
  const { name, adapters } = lesson!;
  try {
    const gguf = isAdapter
      ? await convertModel(source, { weights: 'f16', name, adapters: [...filesOf(adapters), files] })
      : await convertModel(files, { weights: 'f16', name });
    return await fileOf(`${name}.gguf`, gguf.bytes());
  } catch (error) {
    if (error instanceof Gpt2Error && error.code === 'unsupported') return undefined;
    throw error;
  }
}
