import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { Gpt2Error } from '../../base/errors.js';
import { loadWeights } from '../../checkpoints/load_weights.js';
import { openCheckpoint, settleHead, weightFiles } from '../../checkpoints/open_checkpoint.js';
import { withModel } from '../../checkpoints/registry.js';
import { type Build, chooseBuild } from '../../core/binary.js';
import { planThreads } from '../../core/threads/plan.js';
import { WasmCore } from '../../core/wasm_core.js';
import type { WeightFormat } from '../../dtypes/weight_formats.js';
import type { ModelSource } from '../../files/source.js';
import type { Source, SourceOptions } from '../../files/source_options.js';
import { assertSameSample, vocabularySample } from '../../generate/same_vocabulary.js';
import { tokenizerOrReason } from '../../model/tokenizer_or_reason.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';

/** A teacher whose headers are read, but not its weights. */
export interface OpenTeacher {
  /** Name in messages. */
  readonly name: string;
  readonly config: ModelConfig;
  /** Undefined if it comes without one. */
  readonly tokenizer: Tokenizer | undefined;
  /** Loads its weights into a core of its own. */
  load(settings: TeacherSettings): Promise<WasmCore>;
}

/** How teachers compute. */
export interface TeacherSettings {
  readonly build: 'auto' | Build;
  readonly threads: 'auto' | number;
  readonly weights: WeightFormat;
  readonly signal?: AbortSignal | undefined;
}

/** Opens teachers, uses them, and closes their sources. Throws as `loadModel` does, and what `use` throws. */
export async function withTeachers<R>(
  sources: readonly Source[],
  options: Pick<SourceOptions, 'token' | 'cache'> & { readonly signal?: AbortSignal | undefined },
  use: (teachers: readonly OpenTeacher[]) => Promise<R>,
): Promise<R> {
  const { token, cache, signal } = options;
  const openNext = async (opened: readonly OpenTeacher[]): Promise<R> => {
    const source = sources[opened.length];
    if (source === undefined) return use(opened);
    return withModel(source, { token, cache, signal }, async (files) =>
      openNext([...opened, await openTeacher(files, signal)]),
    );
  };
  return openNext([]);
}

async function openTeacher(files: ModelSource, signal: AbortSignal | undefined): Promise<OpenTeacher> {
  const checkpoint = await settleHead(await openCheckpoint(files, signal), { signal });
  const { config } = checkpoint;
  const tokenizer = await tokenizerOrReason(checkpoint, signal);
  return {
    name: files.name,
    config,
    tokenizer: tokenizer instanceof Gpt2Error ? undefined : tokenizer,
    async load({ build, threads, weights }) {
      // Runtimes whose relaxed build is right for f32 may lack it for q8.
      const wish = build === 'simd' ? build : 'auto';
      const plan = {
        config,
        weights,
        build: chooseBuild(wish, weights),
        threads: planThreads(threads, Infinity),
      };
      const core = await WasmCore.create(plan);
      try {
        await files.download?.(weightFiles(checkpoint), { signal });
        await core.startThreads();
        await loadWeights(checkpoint, core.loader, { signal });
      } catch (error) {
        core.dispose();
        throw error;
      }
      return core;
    },
  };
}

/**
 * Throws `invalid-option` for a teacher that has another vocabulary than the model to train, or a context that is
 * shorter than its rows, and `unsupported` for one that reads more than text.
 */
export function checkTeachers(
  teachers: readonly OpenTeacher[],
  student: { readonly config: ModelConfig; readonly tokenizer: Tokenizer },
  length: number,
): void {
  if (teachers.length === 0) return;
  const own = wholeVocabulary(student);
  for (const teacher of teachers) {
    const { name, config } = teacher;
    if (config.crossAttention) {
      throw new Gpt2Error(
        'unsupported',
        `the teacher ${name} attends to encoder states; give a model of texts`,
      );
    }
    assertSameSample(`the teacher ${name}`, own, wholeVocabulary(teacher));
    if (config.contextLength >= length) continue;
    throw new Gpt2Error(
      'invalid-option',
      `the teacher ${name} has a context of ${config.contextLength} tokens, and a row ${length}; ` +
        `set contextLength to ${config.contextLength} or less, or choose another teacher`,
    );
  }
}

function wholeVocabulary({ config, tokenizer }: Pick<OpenTeacher, 'config' | 'tokenizer'>) {
  const { vocabSize: size } = config;
  return tokenizer === undefined
    ? { size, tokens: undefined }
    : vocabularySample({ core: { config }, tokenizer }, size);
}
