import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { estimateMemory } from '../../core/layout.js';
import { identityOf } from '../../core/saving/identity.js';
import type { WasmCore } from '../../core/wasm_core.js';
import type { ModelSource } from '../../files/source.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { TokenDocuments } from '../data/token_documents.js';
import { NEXT_TOKEN, type Objective } from '../objective.js';
import type { OpenTeacher, TeacherSettings } from './open_teachers.js';
import { type DistillationOptions, HARD_SHARE } from './options.js';
import { readTexts, TEXTS_FILE, textBytes } from './stored_texts.js';
import { Teacher } from './teacher.js';
import { textsOf, writeMeans } from './teacher_targets.js';
import { documentsOf, TOGETHER, writeTexts } from './teacher_texts.js';

/** Teachers of a run, and the texts that they write. */
interface DistillationToBegin extends DistillationOptions, Omit<TeacherSettings, 'weights'> {
  readonly seed: number;
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
  readonly endOfText: number;
  /** The training state that is resumed. */
  readonly newest: ModelSource | undefined;
}

/** Format of the teachers' weights: a quarter of the memory of f32, and hardly another distribution. */
const TEACHER_WEIGHTS = 'q8';

/** Bytes that teachers take: each reads a text of `length` tokens at a time, or writes TOGETHER texts before the first step. */
export function teacherBytes(
  teachers: readonly OpenTeacher[],
  length: number,
  { teacherTexts = 0 }: DistillationOptions,
): number {
  const written = Math.min(TOGETHER, Math.ceil(teacherTexts / teachers.length));
  return teachers.reduce((sum, { config }) => {
    const { total, cache } = estimateMemory(config, TEACHER_WEIGHTS);
    const reading = estimateMemory({ ...config, contextLength: length }, TEACHER_WEIGHTS).cache;
    return sum + total - cache + Math.max(reading, written * cache);
  }, 0);
}

/** The part of a run that learns from teachers: their cores, the texts that they wrote, and the loss. */
export class Distillation {
  /** The loss of a batch, as the loop over the steps takes it. */
  readonly objective: Objective;
  /** Texts that the teachers wrote; undefined if none were asked for. */
  readonly written: TokenDocuments | undefined;
  /** Files that each training state needs to resume. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The part of the run's identity that a resumed run must not change. */
  readonly identity: Readonly<Record<string, unknown>>;
  readonly #cores: readonly WasmCore[];

  private constructor(
    cores: readonly WasmCore[],
    objective: Objective,
    identity: Readonly<Record<string, unknown>>,
    texts: readonly (readonly number[])[] | undefined,
    endOfText: number,
  ) {
    this.#cores = cores;
    this.objective = objective;
    this.identity = identity;
    this.written = texts && documentsOf(texts);
    this.files = new Map(texts && [[TEXTS_FILE, textBytes(texts, endOfText)]]);
  }

  /** Loads the teachers and lets them write. Throws as `loadModel` does, and `aborted`. */
  static async begin(opened: readonly OpenTeacher[], run: DistillationToBegin): Promise<Distillation> {
    const { hardShare = HARD_SHARE, teacherTexts = 0, newest, endOfText, config } = run;
    const cores: WasmCore[] = [];
    try {
      for (const teacher of opened) cores.push(await teacher.load({ ...run, weights: TEACHER_WEIGHTS }));
      const teachers = cores.map((core) => new Teacher(core));
      const identities = await Promise.all(cores.map(identityOf));
      const identity = { teachers: identities.map(({ model }) => model), hardShare, teacherTexts };
      const texts =
        teacherTexts === 0
          ? undefined
          : newest !== undefined
            ? await readTexts(newest, endOfText, config.vocabSize)
            : await writeTexts(teachers, { ...run, count: teacherTexts });
      return new Distillation(cores, distilling(teachers, hardShare), identity, texts, endOfText);
    } catch (error) {
      for (const core of cores) core.dispose();
      throw error;
    }
  }

  /** Ends the teachers' threads and gives their memory back. */
  dispose(): void {
    for (const core of this.#cores) core.dispose();
  }
}

/** The identity of a run that has no teachers. */
export const NO_DISTILLATION = { teachers: undefined, hardShare: undefined, teacherTexts: undefined };

/** Next-token prediction with the teachers' mean distribution beside the target. */
export function distilling(teachers: readonly Teacher[], hardShare: number): Objective {
  return {
    ...NEXT_TOKEN,
    async accumulate(core, batch, options) {
      const texts = textsOf(batch);
      const write = (firstRow: number, rows: readonly Float32Array[]) =>
        writeMeans(teachers, batch, texts, firstRow, rows);
      try {
        return await core.accumulate(batch, { ...options, teacher: { hardShare, write } });
      } finally {
        for (const teacher of teachers) teacher.rest();
      }
    },
  };
}
