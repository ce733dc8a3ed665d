import type { ModelConfig } from '../../architecture/gpt2/config.js';

/** What a hook has at each position of a text. */
export type PointShape = 'channels' | 'inner' | 'heads' | 'results' | 'keys' | 'one' | 'vocabulary';

/** A place in the forward pass whose numbers can be read, and most of them changed. */
export interface Point {
  readonly name: string;
  readonly shape: PointShape;
  /** Heads, or 1 where the numbers are not those of heads. */
  readonly heads: number;
  /** Numbers at each position and head; 0 for `keys`, which have one for each token of the text. */
  readonly width: number;
  readonly isEditable: boolean;
}

/** Names and meaning are those of TransformerLens: Nanda and Bloom 2022. */
const START = { hook_embed: 'channels', hook_pos_embed: 'channels' } as const;
const LAYER = {
  hook_resid_pre: 'channels',
  'hook_resid_pre.logits': 'vocabulary',
  'ln1.hook_scale': 'one',
  'ln1.hook_normalized': 'channels',
  'attn.hook_q': 'heads',
  'attn.hook_k': 'heads',
  'attn.hook_v': 'heads',
  'attn.hook_attn_scores': 'keys',
  'attn.hook_pattern': 'keys',
  'attn.hook_z': 'heads',
  'attn.hook_result': 'results',
  hook_attn_out: 'channels',
  hook_resid_mid: 'channels',
  'hook_resid_mid.logits': 'vocabulary',
  'ln2.hook_scale': 'one',
  'ln2.hook_normalized': 'channels',
  'mlp.hook_pre': 'inner',
  'mlp.hook_post': 'inner',
  hook_mlp_out: 'channels',
  hook_resid_post: 'channels',
  'hook_resid_post.logits': 'vocabulary',
} as const;
const END = { 'ln_final.hook_scale': 'one', 'ln_final.hook_normalized': 'channels' } as const;

export type StartHook = keyof typeof START;
export type LayerHook = keyof typeof LAYER;
export type EndHook = keyof typeof END;

/** All points of a model in the order in which they are computed. */
export function pointsOf(config: ModelConfig): Point[] {
  const points = (prefix: string, hooks: Readonly<Record<string, PointShape>>) =>
    Object.entries(hooks).map(([name, shape]) => pointOf(prefix + name, shape, config));
  return [
    ...points('', START),
    ...Array.from({ length: config.layers }, (_, layer) => points(`blocks.${layer}.`, LAYER)).flat(),
    ...points('', END),
  ];
}

function pointOf(name: string, shape: PointShape, config: ModelConfig): Point {
  const { channels, heads, innerChannels, vocabSize } = config;
  const ofHeads = shape === 'heads' || shape === 'results' || shape === 'keys';
  const widths: Record<PointShape, number> = {
    channels,
    inner: innerChannels,
    heads: channels / heads,
    results: channels,
    keys: 0,
    one: 1,
    vocabulary: vocabSize,
  };
  const isEditable = shape !== 'vocabulary' && shape !== 'results';
  return { name, shape, heads: ofHeads ? heads : 1, width: widths[shape], isEditable };
}
