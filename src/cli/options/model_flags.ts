import { parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';
import { WEIGHT_FORMATS } from '../../dtypes/weight_formats.js';
import { embeddedModel } from '../../files/folder/embedded_model.js';
import type { Source } from '../../files/source_options.js';
import type { AdapterChoice } from '../../model/adapters/adapter_choice.js';
import { parseNumber } from './parse.js';

/** A model that was named on the command line, or the one that comes with the package. */
export interface ModelFolder {
  readonly source: Source;
  /** What results call it. */
  readonly name: string;
}

export function modelFolder(path: string | undefined): ModelFolder {
  if (path !== undefined) return { source: path, name: path };
  return { source: embeddedModel, name: parse(fileURLToPath(embeddedModel)).name };
}

export function modelOption(): Option {
  return new Option(
    '--model <path|id>',
    'folder or .gguf file, or id on the Hugging Face hub (default: the model in the package)',
  );
}

export function revisionOption(): Option {
  return new Option('--revision <name>', 'branch, tag or commit of a model of the hub (default: main)');
}

export function weightsOption(): Option {
  const help =
    'f32: as precise as can be; q8: 8 bits, a quarter of the memory; q4: 4 bits, a seventh ' +
    '(default: f32, and q4 for the model in the package, which was trained in 4 bits)';
  return new Option('--weights <format>', help).choices(WEIGHT_FORMATS);
}

/** Given several times, the changes of all are added. */
export function adapterOption(): Option {
  const help =
    'LoRA adapter as PEFT keeps it, added to the model, or times a number; may be given several times';
  return new Option('--adapter <dir[:number]>', help).argParser(
    (text: string, previous: readonly AdapterChoice[] = []): AdapterChoice[] => {
      const [, source, weight] = /^(.+):([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i.exec(text) ?? [];
      return [...previous, source === undefined ? text : { source, weight: Number(weight) }];
    },
  );
}

export function contextLengthOption(): Option {
  const help = "most tokens of prompt and text together, for less memory (default: the model's own)";
  return new Option('--context-length <count>', help).argParser(parseNumber);
}
