import { unixTime } from '../base/timers.js';
import type { Served } from './models/served.js';

/** The fields with which an answer begins, and each event of a stream. */
export interface AnswerHead {
  /** `cmpl-UUID`, for example. */
  readonly id: string;
  readonly object: string;
  /** Unix time, in seconds. */
  readonly created: number;
  readonly model: string;
  readonly system_fingerprint: string;
}

/** A new answer's. `prefix`: of the id. */
export function answerHead(prefix: string, object: string, { name, model }: Served): AnswerHead {
  return {
    id: `${prefix}-${crypto.randomUUID()}`,
    object,
    created: Math.floor(unixTime() / 1000),
    model: name,
    system_fingerprint: `${model.runtime.build}-${model.runtime.weights}`,
  };
}
