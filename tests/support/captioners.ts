import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crossFile } from './cross_images.js';

const CROSS = fileURLToPath(new URL('../fixtures/cross', import.meta.url));

/** Captioners with random weights, which transformers has evaluated. */
export const CAPTIONERS = ['vit-gpt2', 'deit-gpt2', 'vit-gpt2-wider'] as const;
export type CaptionerName = (typeof CAPTIONERS)[number];

export const captionerFolder = (name: CaptionerName): string => `${CROSS}/${name}`;

/** The files of a captioner, for a test to change. */
export function captionerFiles(name: CaptionerName): Record<string, Uint8Array> {
  const folder = captionerFolder(name);
  const files = readdirSync(folder).filter((file) => file !== 'expected.json');
  return Object.fromEntries(files.map((file) => [file, new Uint8Array(crossFile(`${name}/${file}`))]));
}

/** The bytes of a picture that the captioners were evaluated with. */
export const picture = (file: string): Uint8Array => new Uint8Array(crossFile(`images/${file}`));

interface Found {
  /** Start token and caption; each 0 after the caption's end is padding. */
  readonly sequences: number[][];
  readonly sequences_scores?: number[];
}

/** Results of transformers; numbers of an image are a row of the arrays. */
export interface ExpectedCaptions {
  /** Names of pictures. */
  readonly images: string[];
  /** Of the first pictures. */
  readonly pixels: Float32Array[];
  /** After the encoder's last layer norm, for all pictures. */
  readonly states: Float32Array[];
  /** After `enc_to_dec_proj`, for the first picture, if the model has one. */
  readonly projected: Float32Array[] | undefined;
  readonly ids: number[];
  /** After each of `ids`, for all pictures. */
  readonly logits: Float32Array[];
  readonly greedy: Found[];
  readonly beam4: Found[];
  /** The three best of three beams, for the first picture. */
  readonly beam3_of_3: Found;
}

export function expectedCaptions(name: CaptionerName): ExpectedCaptions {
  const json = JSON.parse(crossFile(`${name}/expected.json`).toString());
  const { images, greedy, beam4, beam3_of_3 } = json;
  return {
    ...{ images, greedy, beam4, beam3_of_3 },
    // Those of the wider encoder are not stored again.
    pixels:
      typeof json.pixel_values === 'string' ? expectedCaptions('vit-gpt2').pixels : rowsOf(json.pixel_values),
    states: rowsOf(json.encoder_last_hidden_state),
    projected: json.encoder_projected === null ? undefined : rowsOf(json.encoder_projected),
    ids: json.decoder_input_ids,
    logits: rowsOf(json.logits),
  };
}

function rowsOf({ shape, f32_base64 }: { shape: number[]; f32_base64: string }): Float32Array[] {
  const bytes = Uint8Array.from(Buffer.from(f32_base64, 'base64'));
  const all = new Float32Array(bytes.buffer);
  const [rows = 1, ...rest] = shape;
  const length = rest.reduce((product, size) => product * size, 1);
  return Array.from({ length: rows }, (_, row) => all.slice(row * length, (row + 1) * length));
}

/** A tokenizer whose texts are the ids: " 87 44". */
export const idTokenizer = {
  encode: (text: string) => text.split(' ').filter(Boolean).map(Number),
  decode: (ids: ArrayLike<number>) => Array.from(ids, (id) => ` ${id}`).join(''),
};

/** The files of a captioner with those of a tokenizer whose tokens are 97 characters, from "!" on. */
export function withIdTokenizer(name: CaptionerName): Record<string, Uint8Array> {
  const characters = Array.from({ length: 97 }, (_, id) =>
    String.fromCodePoint(id < 94 ? 33 + id : 161 + id - 94),
  );
  const vocab = Object.fromEntries(characters.map((character, id) => [character, id]));
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, use_regex: true };
  const json = { model: { type: 'BPE', vocab, merges: [] }, pre_tokenizer: byteLevel, decoder: byteLevel };
  return { ...captionerFiles(name), 'tokenizer.json': new TextEncoder().encode(JSON.stringify(json)) };
}
