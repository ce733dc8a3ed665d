import { Gpt2Error } from '../base/errors.js';
import { readExactly } from '../files/read.js';
import { readJson } from '../files/read_json.js';
import type { ModelSource, SourceFile } from '../files/source.js';
import { allOf } from './all_formats.js';
import type { CheckpointFormat } from './format.js';
import { INDEX_FILE } from './huggingface/file_names.js';
import { KNOWN_BYTES, knownBytes } from './known_bytes.js';
import { foldersWith, knownAmong } from './known_files.js';
import { isAdapter, isModelFile } from './model_files.js';
import { ADAPTER_CONFIG_FILE, ADAPTER_WEIGHTS_FILE, isAdapterFile } from './peft/file_names.js';
import { rightFiles } from './right_files.js';

const AS_ADAPTER =
  'give this as the adapter: --adapter on the command line, the option adapters in a program';

/**
 * The error for a source without a model, with advice for the files that it has. It is the same for the same
 * files in a folder, at an address, on the hub and in memory.
 */
export async function noModel(
  source: ModelSource,
  formats: readonly CheckpointFormat[],
  signal?: AbortSignal,
): Promise<Gpt2Error> {
  const { name } = source;
  const files = await source.list(signal);
  const paths = files.map(({ path }) => path);
  if (isAdapter(paths)) {
    const base = await baseModel(source, files, signal);
    return new Gpt2Error(
      'invalid-option',
      `${name} is a LoRA adapter, which changes a model and is none itself; load its base model${base} and ${AS_ADAPTER}`,
    );
  }
  const lacks = `${name} has neither ${formats.flatMap(({ weights }) => weights).join(' nor ')}`;
  const models = foldersWith(paths, (file) => isModelFile(file, allOf(formats)));
  if (models.length > 0) {
    return new Gpt2Error('not-found', `${lacks}, but there is a model in its ${giveFolder(models)}`);
  }
  const adapters = foldersWith(paths, isAdapterFile);
  if (adapters.length > 0) {
    return new Gpt2Error(
      'not-found',
      `${lacks}, but there is a LoRA adapter in its ${giveFolder(adapters)} as an adapter of its base model`,
    );
  }
  const found = knownAmong(paths);
  if (found?.known.code === 'unsupported') {
    const { path, known } = found;
    const is = (await describe(source, files, path, signal)) ?? known.is;
    return new Gpt2Error(known.code, `${path} of ${name} is ${is}`);
  }
  const other = otherSafetensors(paths);
  if (other !== undefined) return new Gpt2Error('not-found', `${lacks}; ${other}`);
  if (found !== undefined)
    return new Gpt2Error(found.known.code, `${found.path} of ${name} is ${found.known.is}`);
  return new Gpt2Error('not-found', `${lacks}; ${rightFiles('model', formats)}`);
}

/** The base model that an adapter's config names, in parentheses; empty if it names none. */
async function baseModel(
  source: ModelSource,
  files: readonly SourceFile[],
  signal: AbortSignal | undefined,
): Promise<string> {
  const file = files.find(({ path }) => path === ADAPTER_CONFIG_FILE);
  if (file === undefined) return '';
  try {
    const json = (await readJson(source, file, signal)) as { base_model_name_or_path?: unknown } | null;
    const base = json?.base_model_name_or_path;
    return typeof base === 'string' && base !== '' ? ` (${JSON.stringify(base)})` : '';
  } catch {
    return ''; // reading it as an adapter reports what is wrong with it
  }
}

/** Describes a file by its first bytes, if its name tells little; `undefined` if they tell nothing. */
async function describe(
  source: ModelSource,
  files: readonly SourceFile[],
  path: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const byteLength = files.find((file) => file.path === path)?.byteLength ?? 0;
  if (!/\.(?:bin|pt|pth)$/.test(path)) return undefined;
  try {
    const bytes = await readExactly(source, path, 0, Math.min(byteLength, KNOWN_BYTES), signal);
    const is = knownBytes(bytes);
    return is?.includes('PyTorch') ? undefined : is;
  } catch {
    return undefined;
  }
}

/** Advice for safetensors files of other names. */
function otherSafetensors(paths: readonly string[]): string | undefined {
  const others = paths.filter((path) => path.endsWith('.safetensors') && knownAmong([path]) === undefined);
  const [first, second] = others;
  if (first === undefined) return undefined;
  if (others.some((path) => /-\d+-of-\d+\.safetensors$/.test(path))) {
    return `${first} is one part of the weights; ${INDEX_FILE}, which lists the parts, must be there too`;
  }
  if (second === undefined) return `${first} must be renamed to that to be read`;
  return `of ${others.join(', ')}, the one that is the model must be renamed to that to be read`;
}

/** "folders a, b; give one of them". */
function giveFolder(folders: readonly string[]): string {
  return folders.length > 1
    ? `folders ${folders.join(', ')}; give one of them`
    : `folder ${folders[0]}; give that`;
}

/** The error for a source without an adapter. */
export function noAdapter(source: ModelSource, files: readonly SourceFile[]): Gpt2Error {
  const { name } = source;
  const paths = files.map(({ path }) => path);
  const missing = paths.includes(ADAPTER_CONFIG_FILE) ? ADAPTER_WEIGHTS_FILE : ADAPTER_CONFIG_FILE;
  const lacks = `${name} is no LoRA adapter: it has no ${missing}`;
  const below = foldersWith(paths, isAdapterFile);
  if (below.length > 0) {
    return new Gpt2Error('not-found', `${lacks}, but there is an adapter in its ${giveFolder(below)}`);
  }
  const isModel = paths.some((path) => isModelFile(path) || path === 'pytorch_model.bin');
  return new Gpt2Error(
    'not-found',
    isModel
      ? `${lacks}, but a whole model; give it as the model, and as an adapter a folder that PEFT has written`
      : `${lacks}; ${rightFiles('adapter', [])}, as PEFT writes it`,
  );
}
