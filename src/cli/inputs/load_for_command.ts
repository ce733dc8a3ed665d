import { type Command, Option } from 'commander';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import type { WeightFormat } from '../../dtypes/weight_formats.js';
import { withSource } from '../../files/open_source.js';
import type { Source } from '../../files/source_options.js';
import type { AdapterChoice } from '../../model/adapters/adapter_choice.js';
import { inspectModel } from '../../model/inspect_model.js';
import { type LoadModelOptions, loadModel, loadTokenizer } from '../../model/load_model.js';
import type { Model } from '../../model/model.js';
import {
  adapterOption,
  contextLengthOption,
  modelFolder,
  modelOption,
  revisionOption,
  weightsOption,
} from '../options/model_flags.js';
import { parseThreads } from '../options/parse.js';
import { reportProgress } from '../terminal/progress/file_progress.js';

/** Values of the flags that decide which model a command computes with, and how. */
export interface ModelValues {
  readonly model?: string;
  readonly revision?: string;
  readonly adapter?: readonly AdapterChoice[];
  readonly build: NonNullable<LoadModelOptions['build']>;
  readonly weights?: WeightFormat;
  readonly contextLength?: number;
  readonly threads: 'auto' | number;
  readonly quiet?: true;
}

/** Adds the flags of ModelValues but `--quiet`, whose help differs between commands. */
export function addModelOptions(command: Command, group: string): void {
  const options = [
    modelOption(),
    revisionOption(),
    adapterOption(),
    new Option('--build <name>', 'simd: the same bits on every machine; relaxed: faster; auto: the fastest')
      .choices(['auto', 'simd', 'relaxed'])
      .default('auto'),
    weightsOption(),
    contextLengthOption(),
    new Option('--threads <count>', 'threads that compute; auto: what suits the processors and the model')
      .argParser(parseThreads)
      .default('auto'),
  ];
  for (const option of options) command.addOption(option.helpGroup(group));
}

/**
 * Loads the model of a command, with progress on stderr. Loading may take long, so `check` sees the config before, and
 * what is missing is refused before.
 */
export async function loadForCommand(
  values: ModelValues,
  signal: AbortSignal,
  check: (config: ModelConfig) => void = () => {},
): Promise<Model> {
  const { source } = modelFolder(values.model);
  const download = values.quiet ? undefined : reportProgress(process.stderr, 'downloading');
  const progress = values.quiet ? undefined : reportProgress(process.stderr, 'loading');
  const load = async (files: Source): Promise<Model> => {
    const { config } = await inspectModel(files, { contextLength: values.contextLength, signal });
    check(config);
    const tokenizer = await loadTokenizer(files, { signal });
    return loadModel(files, {
      contextLength: values.contextLength,
      build: values.build,
      ...(values.weights && { weights: values.weights }),
      threads: values.threads,
      tokenizer,
      ...(values.adapter && { adapters: values.adapter }),
      signal,
      onDownload: (state) => download?.update(state),
      onProgress: (state) => {
        download?.end();
        progress?.update(state);
      },
    });
  };
  try {
    return await withSource(source, { revision: values.revision, signal }, load);
  } finally {
    download?.end();
    progress?.end();
  }
}
