import type { ThreadRequest } from '../../host/threads.js';
import type { TrainingStep } from '../../train/training_step.js';
import type { WireError, WireSource } from '../../worker/protocol.js';

// What the page and the worker that trains say to each other.

/** A LoRA adapter: its files, as PEFT keeps them. */
export interface Adapter {
  readonly name: string;
  readonly files: readonly File[];
}

/** What is to be learned. */
export interface Lesson {
  readonly source: WireSource;
  /** Those of the model. */
  readonly adapters: readonly Adapter[];
  readonly name: string;
  /** Of the model: no row is longer. */
  readonly contextLength: number;
  readonly files: readonly File[];
  /** Trains an adapter and leaves the model as it is. */
  readonly isAdapter: boolean;
  readonly steps: number;
  readonly learningRate: number;
  /** How the samples of its writing begin. */
  readonly prompt: string;
}

export type Order =
  | { readonly order: 'begin'; readonly lesson: Lesson }
  | { readonly order: 'goOn' }
  /** After the step that is under way. */
  | { readonly order: 'stop' }
  /** Writes what was trained as it is now. */
  | { readonly order: 'save' }
  /** Writes the whole model as one file, from what was saved. */
  | { readonly order: 'pack'; readonly saved: Saved };

export type Report =
  | { readonly report: 'reading'; readonly loaded: number; readonly total: number }
  /** All is ready: `tokens` of the text, of which each step takes `tokensPerStep`. */
  | { readonly report: 'ready'; readonly tokens: number; readonly tokensPerStep: number }
  | { readonly report: 'step'; readonly step: TrainingStep }
  | { readonly report: 'sample'; readonly step: number; readonly text: string }
  /** Nothing is computed until the next order. */
  | { readonly report: 'rest'; readonly finished: boolean }
  | { readonly report: 'saved'; readonly saved: Saved }
  /** `undefined` if the format has no word for such a model. */
  | { readonly report: 'packed'; readonly gguf: File | undefined }
  | { readonly report: 'error'; readonly error: WireError };

/** The page is to create a thread of the trainer. */
export interface ThreadReport {
  readonly report: 'thread';
  readonly thread: ThreadRequest;
}

/** What was trained. */
export interface Saved {
  /** Of the model, as Hugging Face keeps it, or of the adapter. */
  readonly files: readonly File[];
  readonly isAdapter: boolean;
}
