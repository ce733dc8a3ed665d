import { readFileSync } from 'node:fs';
import type { ModelSource } from '../../src/files/source.js';
import { memorySource } from './sources.js';
import { storiesTiny } from './stories_tiny.js';

const FILES = ['config.json', 'model.safetensors', 'vocab.json', 'merges.txt'];
/** The files of the model stories-tiny, which has no chat template. */
export const chatFiles = Object.fromEntries(
  FILES.map((name) => [name, readFileSync(new URL(name, storiesTiny))]),
);

/** The model stories-tiny with further files, such as one with a chat template. */
export const chatSource = (more: Readonly<Record<string, string>>): ModelSource =>
  memorySource('chats', { ...chatFiles, ...more });

/** A tokenizer_config.json with a chat template. */
export const withTemplate = (chat_template: unknown): Record<string, string> => ({
  'tokenizer_config.json': JSON.stringify({ chat_template, eos_token: '<|endoftext|>' }),
});
