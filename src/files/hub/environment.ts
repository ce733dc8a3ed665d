import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { DEFAULT_ENDPOINT } from './hub_url.js';
import { importHub } from './package.js';

/** Where models come from and where they are kept, by the variables that every tool of the hub reads. */
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

/** `token` takes the place of the one that is set. Throws `invalid-option` for what cannot be used, and `runtime`. */
export async function hubSettings(token?: string): Promise<HubSettings> {
  return {
    endpoint: endpoint(),
    token: checkToken('token', token) ?? (await storedToken()),
    offline: /^(1|on|yes|true)$/i.test(process.env.HF_HUB_OFFLINE ?? ''),
    cacheFolder: await cacheFolder(),
  };
}

/** The folder that all tools of the hub keep models in. */
export async function cacheFolder(): Promise<string> {
  const { getHFHubCachePath } = await importHub();
  return withHome(getHFHubCachePath());
}

function endpoint(): string {
  const value = process.env.HF_ENDPOINT || DEFAULT_ENDPOINT;
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    throw invalidOption('HF_ENDPOINT', value, `a URL such as ${DEFAULT_ENDPOINT}`);
  }
  return value.replace(/\/+$/, '');
}

async function storedToken(): Promise<string | undefined> {
  const { HF_TOKEN, HF_TOKEN_PATH, HF_HOME, XDG_CACHE_HOME } = process.env;
  if (HF_TOKEN?.trim()) return checkToken('HF_TOKEN', HF_TOKEN.trim());
  const home = HF_HOME ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'huggingface');
  const path = withHome(HF_TOKEN_PATH ?? join(home, 'token'));
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).trim();
  } catch {
    return undefined;
  }
  return text === '' ? undefined : checkToken(`the token in ${path}`, text);
}

/** A token goes into a header; what cannot stand there is no token. It is a secret, so that no message shows it. */
function checkToken(name: string, token: string | undefined): string | undefined {
  if (token === undefined || (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token))) return token;
  throw new Gpt2Error('invalid-option', `${name} is no text that a token of a hub can be`);
}

/** A variable that no shell has seen may begin with `~`. */
function withHome(path: string): string {
  return path.replace(/^~(?=$|[\\/])/, () => homedir());
}
