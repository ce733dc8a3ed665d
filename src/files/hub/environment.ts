// Only in the build for runtimes with Node's modules.
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { DEFAULT_ENDPOINT } from './hub_url.js';

/**
 * The hub to use and the place of the cache, from the environment variables that every tool of the hub reads.
 */
export interface HubSettings {
  /** `HF_ENDPOINT`, without a slash at its end. */
  readonly endpoint: string;
  /** `HF_TOKEN`, or else the file that `hf auth login` writes. */
  readonly token: string | undefined;
  /** `HF_HUB_OFFLINE` */
  readonly offline: boolean;
  /** `HF_HUB_CACHE`, or else hub/ in `HF_HOME`, which is ~/.cache/huggingface. */
  readonly cacheFolder: string;
}

/** `token` overrides the one of the environment. Throws `invalid-option` for a bad value. */
export async function hubSettings(token?: string): Promise<HubSettings> {
  return {
    endpoint: endpoint(),
    token: checkToken('token', token) ?? (await storedToken()),
    offline: /^(1|on|yes|true)$/i.test(process.env.HF_HUB_OFFLINE ?? ''),
    cacheFolder: cacheFolder(),
  };
}

/** The folder of the cache that all tools of the hub share. */
export function cacheFolder(): string {
  const { HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE } = process.env;
  return withHome(HF_HUB_CACHE || HUGGINGFACE_HUB_CACHE || join(hubHome(), 'hub'));
}

/** The folder of the hub's tools. An empty variable counts as one that is not set, as for XDG's folders. */
function hubHome(): string {
  const { HF_HOME, XDG_CACHE_HOME } = process.env;
  return HF_HOME || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface');
}

function endpoint(): string {
  const value = process.env.HF_ENDPOINT || DEFAULT_ENDPOINT;
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    throw invalidOption('HF_ENDPOINT', value, `a URL such as ${DEFAULT_ENDPOINT}`);
  }
  const { username, password } = new URL(value);
  if (username || password)
    throw new Gpt2Error('invalid-option', 'HF_ENDPOINT must have no user and password');
  return value.replace(/\/+$/, '');
}

async function storedToken(): Promise<string | undefined> {
  const { HF_TOKEN, HF_TOKEN_PATH } = process.env;
  if (HF_TOKEN?.trim()) return checkToken('HF_TOKEN', HF_TOKEN.trim());
  const path = withHome(HF_TOKEN_PATH || join(hubHome(), 'token'));
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).trim();
  } catch {
    return undefined;
  }
  return text === '' ? undefined : checkToken(`the token in ${path}`, text);
}

/** A token must fit into a header. It is a secret: no message shows it. */
function checkToken(name: string, token: string | undefined): string | undefined {
  if (token === undefined || (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token))) return token;
  throw new Gpt2Error('invalid-option', `${name} is no text that a token of a hub can be`);
}

/** Expands `~` at the start, which is literal in variables that no shell has expanded. */
function withHome(path: string): string {
  return path.replace(/^~(?=$|[\\/])/, () => homedir());
}
