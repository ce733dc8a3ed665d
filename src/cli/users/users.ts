import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { exists } from '../../files/folder/exists.js';
import { makeFolder } from '../../files/folder/make_folder.js';
import { orNotWritable } from '../../files/folder/write_file.js';
import { parseJson } from '../../files/json.js';
import { isJsonObject } from '../../files/json_object.js';
import { fileError, isAbsent } from '../../host/file_error.js';
import type { DialogueState, Exchange } from '../chatting/dialogue_state.js';
import { PRIVATE } from '../chatting/history.js';
import { writeNewFile } from '../outputs/new_file.js';
import { bytesAt } from './bytes_at.js';
import { ChoicesFile } from './choices_file.js';

const NAME = /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}._-]{0,47})$/u;
/** Names of devices on Windows, with any ending. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
const FORMAT = 'gpt2-wasm dialogue';
const [DIALOGUE, SESSION, ADAPTER, CHOICES] = ['dialogue.json', 'session.bin', 'adapter', 'choices.jsonl'];

/** What is kept of a user. */
export interface User {
  readonly name: string;
  readonly folder: string;
  /** The folder for an adapter of the user. */
  readonly adapter: string;
  readonly hasAdapter: boolean;
  /** The file of the user's judgements of answers. */
  readonly choices: ChoicesFile;
}

/** Whether a text can be the name of a user, which becomes that of a folder. */
export function isUserName(text: string): boolean {
  const name = text.normalize('NFC');
  return NAME.test(name) && !name.endsWith('.') && !DEVICE.test(name);
}

/** The name of a user in its normal form; `option` is the one that gives it. Throws `invalid-option`. */
export function userName(text: string, option: string): string {
  if (isUserName(text)) return text.normalize('NFC');
  const right = 'up to 48 letters, digits, dots, hyphens and underscores, the first a letter or digit';
  throw invalidOption(option, text, right);
}

/** The folder for those of users in the person's data folder. */
export const usersFolder = (dataFolder: string): string => join(dataFolder, 'users');

/** Users, each with a folder in `folder`. */
export class Users {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async list(): Promise<User[]> {
    const names = await this.#names();
    return Promise.all(names.sort().map((name) => this.get(name)));
  }

  async #names(): Promise<string[]> {
    const entries = await readdir(this.#folder, { withFileTypes: true }).catch((error) => {
      if (isAbsent(error)) return [];
      throw fileError(error, this.#folder, 'read');
    });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  }

  async get(name: string): Promise<User> {
    const folder = join(this.#folder, name);
    const adapter = join(folder, ADAPTER);
    const hasAdapter = await exists(join(adapter, 'adapter_config.json'));
    return { name, folder, adapter, hasAdapter, choices: new ChoicesFile(join(folder, CHOICES)) };
  }

  /** Throws `storage` if nothing is kept of a user yet, and something is of `most` others. */
  async checkRoom({ folder }: User, most: number): Promise<void> {
    if ((await exists(folder)) || (await this.#names()).length < most) return;
    const advice = '"gpt2-wasm chat --forget NAME" deletes what is kept of one';
    throw new Gpt2Error('storage', `${this.#folder} has ${most} users, and takes no more; ${advice}`);
  }

  /** Deletes all that is kept of a user. Throws `not-found`. */
  async forget(name: string): Promise<void> {
    const { folder } = await this.get(name);
    if (!(await exists(folder)))
      throw new Gpt2Error('not-found', `there is no user ${name} in ${this.#folder}`);
    await orNotWritable(folder, () => rm(folder, { recursive: true }));
  }

  /** The dialogue of a user; undefined if there is none. Throws `invalid-file` for a damaged one. */
  async dialogueOf({ name, folder }: User): Promise<DialogueState | undefined> {
    const path = join(folder, DIALOGUE);
    const bytes = await bytesAt(path);
    if (bytes === undefined) return undefined;
    const advice = `"gpt2-wasm chat --forget ${name}" deletes what is kept of ${name}`;
    try {
      const state = stateOf(parseJson(bytes, path));
      if (state !== undefined) return state;
    } catch (cause) {
      throw new Gpt2Error('invalid-file', `${(cause as Error).message}; ${advice}`, { cause });
    }
    throw new Gpt2Error('invalid-file', `${path} is no saved dialogue; ${advice}`);
  }

  /** The bytes of `session.save()`; undefined if there are none. */
  sessionOf({ folder }: User): Promise<Uint8Array | undefined> {
    return bytesAt(join(folder, SESSION));
  }

  async saveDialogue({ folder }: User, state: DialogueState): Promise<void> {
    const text = JSON.stringify({ format: FORMAT, version: 1, ...state });
    await write(folder, DIALOGUE, `${text}\n`);
  }

  async saveSession({ folder }: User, bytes: Uint8Array): Promise<void> {
    await write(folder, SESSION, bytes);
  }
}

async function write(folder: string, name: string, content: string | Uint8Array): Promise<void> {
  const path = join(folder, name);
  await orNotWritable(path, () => makeFolder(folder));
  await writeNewFile(path, content, true, PRIVATE);
}

function stateOf(value: unknown): DialogueState | undefined {
  if (!isJsonObject(value) || value.format !== FORMAT || value.version !== 1) return undefined;
  const { system, seed, exchanges } = value;
  const isRight =
    (system === undefined || typeof system === 'string') && isWhole(seed) && Array.isArray(exchanges);
  if (!isRight || !exchanges.every(isExchange)) return undefined;
  return { system, seed, exchanges };
}

function isExchange(value: unknown): value is Exchange {
  if (!isJsonObject(value)) return false;
  return typeof value.user === 'string' && typeof value.answer === 'string' && isWhole(value.tries);
}

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
