const CONTRACTIONS = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
const GPT2 = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)`;
/** The pattern of tiktoken's cl100k_base and its like, which differ in the digits of a number. */
const withNumbers = (numbers: string) =>
  String.raw`${CONTRACTIONS}|[^\r\n\p{L}\p{N}]?\p{L}+|${numbers}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
/** The pattern of tiktoken's o200k_base and its like, with what may follow a word. */
const withCase = (after: string, numbers: string) => {
  const before = String.raw`[^\r\n\p{L}\p{N}]?`;
  const upper = String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
  const lower = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
  const words = `${before}${upper}*${lower}+${after}|${before}${upper}+${lower}*${after}`;
  return String.raw`${words}|${numbers}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
};
const SENTENCES = String.raw` ?[^(\s|.,!?…。，、।۔،)]+`;
const DIGITS = String.raw`\p{N}{1,3}`;

/** How a text is split before byte-pair encoding. */
export interface SplitPatterns {
  /** Each splits the pieces of the one before; matches and the texts between them are pieces. */
  readonly patterns: readonly string[];
  /** A piece that is in the vocabulary becomes that token. */
  readonly ignoreMerges?: boolean;
}

const KINDS: readonly (readonly [names: string, split: SplitPatterns])[] = [
  [
    'gpt-2 mpt olmo jais phi-2 jina-es jina-de jina-v2-es jina-v2-de jina-v1-en jina-v2-code roberta-bpe ' +
      'gigachat a.x-4.0 mellum modern-bert trillion',
    { patterns: [] },
  ],
  ['starcoder refact command-r smollm codeshell exaone minerva-7b', { patterns: [String.raw`\p{N}`, GPT2] }],
  [
    'llama3 llama-v3 llama-bpe falcon3 falcon-h1 pixtral midm-2.0 lfm2',
    { patterns: [withNumbers(DIGITS)], ignoreMerges: true },
  ],
  ['dbrx smaug-bpe glm4 chatglm-bpe', { patterns: [withNumbers(DIGITS)] }],
  ['qwen2 stablelm2 deepseek-r1-qwen hunyuan', { patterns: [withNumbers(String.raw`\p{N}`)] }],
  ['gpt-4o llama4', { patterns: [withCase(`${CONTRACTIONS}?`, DIGITS)] }],
  ['tekken', { patterns: [withCase('', String.raw`\p{N}`)], ignoreMerges: true }],
  ['bloom poro-chat gpt3-finnish', { patterns: [SENTENCES] }],
  ['viking', { patterns: [SENTENCES, String.raw`\p{N}`] }],
  ['falcon', { patterns: [`[\\p{P}\\$\\+<=>\\^~\\|\`]+`, GPT2, '[0-9][0-9][0-9]'] }],
  ['default', { patterns: [String.raw`[\p{P}\$\+<=>\^~\|]+`, GPT2, String.raw`\p{N}+`, '[0-9][0-9][0-9]'] }],
];

/**
 * The patterns of llama.cpp by the values of tokenizer.ggml.pre; none for GPT-2's own pattern. Where
 * llama.cpp has an approximation, the model's own pattern.
 */
export const SPLIT_PATTERNS: ReadonlyMap<string, SplitPatterns> = new Map(
  KINDS.flatMap(([names, split]) => names.split(' ').map((name) => [name, split] as const)),
);

/** The name of patterns in GGUF, also as tiktoken writes them; `undefined` if llama.cpp has none for them. */
export function patternsName(patterns: readonly unknown[], ignoreMerges: boolean): string | undefined {
  const own = patterns.map((pattern) =>
    String(pattern).replace(/\(\?i:'s\|'t\|'re\|'ve\|'m\|'ll\|'d\)/g, CONTRACTIONS),
  );
  for (const [name, split] of SPLIT_PATTERNS) {
    const isSame =
      split.patterns.length === own.length && split.patterns.every((pattern, i) => pattern === own[i]);
    if (isSame && own.length > 0 && (split.ignoreMerges === true) === ignoreMerges) return name;
  }
  return undefined;
}
