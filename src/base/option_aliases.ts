/**
 * Names of options in other libraries (Hugging Face, OpenAI, llama.cpp, vLLM, nanoGPT), separated by spaces.
 */
export interface Aliases {
  /** The calls that have these options. */
  readonly calls: string;
  readonly names: Readonly<Record<string, string>>;
}

// Without names that are close to the option's own: a hint finds those by their letters.

const GENERATION: Aliases = {
  calls: 'generate and stream',
  names: {
    maxTokens: 'max_new_tokens max_length max_completion_tokens n_predict num_predict length',
    n: 'num_return_sequences best_of num_samples n_samples',
    stop: 'stop_sequences stop_sequence stop_strings stop_words stopping_criteria until',
    temperature: 'do_sample sampling greedy temp',
    repetitionPenalty: 'rep_pen',
    bannedTokens: 'bad_words_ids bad_words',
    logitBias: 'bias',
    minTokens: 'min_length',
    typicalP: 'typ_p',
    dynamicTemperatureRange: 'dynatemp_range',
    dynamicTemperatureExponent: 'dynatemp_exp dynatemp_exponent',
    beams: 'beam_width',
    seed: 'random_seed random_state manual_seed generator',
    logprobs: 'output_scores',
    contextFull: 'truncation truncate',
    allowedSpecial: 'add_special_tokens special',
    signal: 'timeout',
  },
};

const LOADING: Aliases = {
  calls: 'loadModel',
  names: {
    weights:
      'dtype torch_dtype quantized quantize quantization quantization_config load_in_8bit load_in_4bit',
    threads: 'num_workers',
    contextLength: 'n_ctx num_ctx context_size max_length max_seq_len n_positions',
    cache: 'use_browser_cache force_download',
    token: 'use_auth_token access_token',
    revision: 'branch tag',
    adapters: 'lora lora_path peft_model',
    onProgress: 'progress_callback',
    module: 'wasm wasm_path wasm_paths',
    build: 'device device_map backend n_gpu_layers',
    signal: 'timeout',
  },
};

const TABLES: readonly Aliases[] = [GENERATION, LOADING];

/** Options of other libraries that do not exist here, and what to do instead. */
const OTHER_WAYS: Readonly<Record<string, string>> = {
  'streamer callback on_token callback_function':
    'model.stream(prompt, options) gives each token as it comes',
  stream: 'model.stream(prompt, options) gives each token as it comes, and generate waits for all',
  cache_dir: 'HF_HOME or HF_HUB_CACHE names the cache of the hub',
  'local_files_only offline': 'HF_HUB_OFFLINE=1 asks for nothing over the network',
};

/** Notes for options that mean something else in another library. */
const NOTES: Readonly<Record<string, string>> = {
  'do_sample sampling greedy': '0 always takes the likeliest token, above 0 samples',
  num_return_sequences: 'with beams: returned',
  'dtype torch_dtype quantized quantize quantization quantization_config load_in_8bit load_in_4bit':
    "'f32', 'q8' or 'q4'",
  'device device_map backend n_gpu_layers': 'all is computed on the CPU',
  warmup_ratio: 'in steps',
  timeout: 'AbortSignal.timeout(ms) is one',
};

/** The letters and digits of a name, in lower case: `max_new_tokens` and `maxNewTokens` are equal. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function isAmong(names: string, wanted: string): boolean {
  return names.split(' ').some((name) => plainName(name) === wanted);
}

function entryOf(table: Readonly<Record<string, string>>, wanted: string): string | undefined {
  return Object.entries(table).find(([names]) => isAmong(names, wanted))?.[1];
}

/**
 * The hint for an option of another library or of another call. `known`: the options of this call; `own`:
 * names of other libraries for them, in addition to the tables here.
 */
export function aliasHint(
  name: string,
  known: readonly string[],
  own: readonly Aliases[] = [],
): string | undefined {
  const wanted = plainName(name);
  const found = [...own, ...TABLES].flatMap(({ calls, names }) =>
    Object.entries(names)
      .filter(([option, others]) => plainName(option) === wanted || isAmong(others, wanted))
      .map(([option]) => ({ option, calls })),
  );
  const here = found.find(({ option }) => known.includes(option));
  const note = entryOf(NOTES, wanted);
  const added = note === undefined ? '' : ` (${note})`;
  if (here !== undefined) return `did you mean ${here.option}?${added}`;
  const way = entryOf(OTHER_WAYS, wanted);
  if (way !== undefined) return way;
  const [there] = found;
  return there && `${there.option} is an option of ${there.calls}${added}`;
}
