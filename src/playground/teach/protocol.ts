import type { ThreadRequest } from '../../host/threads.js';
import type { TrainingStep } from '../../train/training_step.js';
import type { WireError, WireSource } from '../../worker/protocol.js';
import type { Adapter } from '../model/model_request.js';

// Messages between the page and the worker that trains.

/** A run of training. */
export interface Lesson {
  readonly source: WireSource;
  /** Adapters of the model. */
  readonly adapters: readonly Adapter[];
  readonly name: string;
  /** Context length of the model, which limits the length of a row. */
  readonly contextLength: number;
  /** Text to learn from. */
  readonly files: readonly File[];
  /** Train an adapter, and leave the model unchanged. */
  readonly isAdapter: boolean;
  readonly steps: number;
  readonly learningRate: number;
  /** Beginning of the samples. */
  readonly prompt: string;
}

export type LessonCommand =
  | { readonly command: 'begin'; readonly lesson: Lesson }
  | { readonly command: 'resume' }
  /** Stops after the current step. */
  | { readonly command: 'stop' }
  /** Writes the trained model in its current state. */
  | { readonly command: 'save' }
  /** Writes the whole model as one file, from the saved files. */
  | { readonly command: 'pack'; readonly saved: Saved };

export type Report =
  | { readonly report: 'reading'; readonly loaded: number; readonly total: number }
  /** Training starts. The text has `tokens` tokens; each step takes `tokensPerStep` of them. */
  | { readonly report: 'ready'; readonly tokens: number; readonly tokensPerStep: number }
  | { readonly report: 'step'; readonly step: TrainingStep }
  | { readonly report: 'sample'; readonly step: number; readonly text: string }
  /** Training has stopped until the next command. */
  | { readonly report: 'rest'; readonly finished: boolean }
  | { readonly report: 'saved'; readonly saved: Saved }
  /** `undefined` if GGUF cannot describe the model. */
  | { readonly report: 'packed'; readonly gguf: File | undefined }
  | { readonly report: 'error'; readonly error: WireError };

/** Asks the page to create a thread of the trainer. */
export interface ThreadReport {
  readonly report: 'thread';
  readonly thread: ThreadRequest;
}

/** A trained model or adapter. */
export interface Saved {
  /** Files of the model in the format of Hugging Face, or of the adapter. */
  readonly files: readonly File[];
  readonly isAdapter: boolean;
}
