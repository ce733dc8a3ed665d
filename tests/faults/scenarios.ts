import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { REPO, type World } from './world.js';

/** A command that writes files, in a folder where nothing else is done. */
export interface Scenario {
  args(world: World): string[];
  /** The command that a person gives after the first one was ended; by default the same. */
  again?(world: World): string[];
  /** Makes the files that are there before. */
  prepare?(folder: string, world: World): void;
  /** A command whose files are there before. */
  readonly first?: string;
  env?(folder: string, world: World): Record<string, string>;
  readonly input?: string;
  /** The folder of a model that the command replaces. */
  readonly replaced?: string;
}

const RUN = ['--steps', '4', '--checkpoint-every', '1', '--batch-size', '1', '--context-length', '16'];
const LORA = ['--lora', '--rank', '2', '--targets', 'c_attn'];

const training = (command: string, flags: (world: World) => string[]) => {
  const args = (world: World) => [
    ...[command, world.at('text.txt'), ...flags(world), ...RUN],
    ...['--threads', '1', '--quiet', '--out', 'out'],
  ];
  return { args, again: (world: World) => [...args(world), '--resume'] };
};

const fromModel = (world: World) => ['--model', world.at('model')];
const convert = (...flags: string[]) => ({
  args: (world: World) => ['convert', world.at('model'), ...flags, '--quiet'],
});
/** Puts another model at `out`. */
const otherModel = (folder: string, world: World) =>
  cpSync(world.at('other'), join(folder, 'out'), { recursive: true });

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'convert to a file': convert('out.gguf', '--weights', 'q8'),
  'convert --force to a file': {
    ...convert('out.gguf', '--weights', 'q4', '--force'),
    first: 'convert to a file',
  },
  'convert to a folder': convert('out'),
  'convert --force to a folder': { ...convert('out', '--force'), prepare: otherModel, replaced: 'out' },
  'convert to an empty folder': {
    ...convert('out'),
    prepare: (folder) => mkdirSync(join(folder, 'out')),
    replaced: 'out',
  },
  finetune: training('finetune', fromModel),
  'finetune --force': {
    ...training('finetune', (world) => [...fromModel(world), '--force', '--seed', '2']),
    prepare: otherModel,
    replaced: 'out',
  },
  'finetune --lora': training('finetune', (world) => [...fromModel(world), ...LORA]),
  pretrain: training('pretrain', (world) => [
    ...['--config', world.at('config.json'), '--tokenizer', world.at('model')],
  ]),
  batch: {
    args: (world) => ['batch', world.at('requests.jsonl'), 'out.jsonl', ...fromModel(world), '--quiet'],
  },
  'batch --force': {
    args: (world) => [
      ...['batch', world.at('requests.jsonl'), 'out.jsonl', ...fromModel(world)],
      ...['--weights', 'q8', '--force', '--quiet'],
    ],
    first: 'batch',
  },
  compress: {
    args: (world) => ['compress', world.at('text.txt'), '-o', 'out.g2wz', ...fromModel(world), '--quiet'],
  },
  'decompress --force': {
    args: (world) => ['decompress', 'out.g2wz', '-o', 'out.txt', '--force', ...fromModel(world), '--quiet'],
    first: 'compress',
  },
  'train-tokenizer': {
    args: (world) => [
      'train-tokenizer',
      world.at('text.txt'),
      '--vocab-size',
      '300',
      '--out',
      'out',
      '--quiet',
    ],
  },
  pull: {
    args: () => ['pull', REPO, '--quiet'],
    env: (folder, { hub }) => ({
      HF_ENDPOINT: hub.endpoint,
      HF_HUB_CACHE: join(folder, 'hub'),
      HF_TOKEN: '',
    }),
  },
};
