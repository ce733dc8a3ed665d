import { checkArray } from '../../base/check_lists.js';
import { checkNumber, share, whole } from '../../base/check_number.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Source } from '../../files/source_options.js';

/** Progress of the texts that teachers write before the first step. */
export interface TeacherTextProgress {
  /** Texts that are written. */
  readonly texts: number;
  /** Texts to write. */
  readonly total: number;
  /** Tokens of the texts that are written. */
  readonly tokens: number;
}

/** Distillation: a run that learns from other models beside its data. */
export interface DistillationOptions {
  /**
   * Models of the same vocabulary, from which the trained one learns (Hinton et al. 2015, with a temperature of 1): at
   * each position that has a target, it learns the mean of their distributions beside the token of the data. They
   * compute in q8, and their contexts must be as long as a row. Held-out losses stay those of the data alone.
   */
  readonly teachers?: readonly Source[];
  /**
   * Weight of the data's own tokens beside the teachers' distributions, which have the rest: from 0, which learns from
   * the teachers alone, to below 1. Default 0.3.
   */
  readonly hardShare?: number;
  /**
   * Number of texts that the teachers write in turn before the first step, each from the end-of-text token on and
   * sampled from its whole distribution by `seed`. They are learned beside the data, and none is held out. Default 0.
   */
  readonly teacherTexts?: number;
  /** Called after each text that a teacher has written. */
  readonly onTeacherText?: (progress: TeacherTextProgress) => void;
}

/** Names of these options. */
export const DISTILLATION_NAMES = [
  ...(['teachers', 'hardShare', 'teacherTexts', 'onTeacherText'] satisfies (keyof DistillationOptions)[]),
] as const;

/**
 * Default of `hardShare`. A good teacher says more of a position than its one token does, so most of the weight is its;
 * the rest keeps the errors that it makes from being learned as they are.
 */
export const HARD_SHARE = 0.3;

/** Most teachers: each takes memory of its own. */
const MOST_TEACHERS = 16;
/** Most texts: each has a seed of its own. */
const MOST_TEXTS = 2 ** 20;

/** Throws `invalid-option`, also for options that have no effect without teachers. */
export function checkDistillation(options: DistillationOptions): void {
  const { teachers, hardShare, teacherTexts } = options;
  if (hardShare !== undefined) checkNumber('hardShare', hardShare, share);
  if (teacherTexts !== undefined) checkNumber('teacherTexts', teacherTexts, whole(0, MOST_TEXTS));
  if (teachers !== undefined) {
    const right = `an array of 1 to ${MOST_TEACHERS} models: paths, addresses or files`;
    checkArray('teachers', teachers, right, (teacher) => teacher !== undefined && teacher !== null);
    if (teachers.length === 0 || teachers.length > MOST_TEACHERS) {
      throw new Gpt2Error('invalid-option', `there are ${teachers.length} teachers; give ${right}`);
    }
    return;
  }
  const useless = DISTILLATION_NAMES.find((name) => options[name] !== undefined);
  if (useless !== undefined)
    throw new Gpt2Error('invalid-option', `${useless} needs teachers, which give distributions`);
}
