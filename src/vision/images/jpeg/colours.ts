/** Writes a row of `width` pixels, whose components have one sample a pixel, to `rgb` at `to`. */
export type RowColours = (rows: readonly Uint8Array[], width: number, rgb: Uint8Array, to: number) => void;

/** The colours that components stand for. */
export type ColourSpace = 'gray' | 'rgb' | 'ycc' | 'cmyk' | 'ycck';

/** The markers and component numbers that tell the colours. */
export interface ColourSigns {
  readonly ids: readonly number[];
  readonly hasJfif: boolean;
  /** The transform that Adobe's marker states; `undefined` without the marker. */
  readonly adobe: number | undefined;
}

/** The colours of a file, guessed as libjpeg does. */
export function colourSpace({ ids, hasJfif, adobe }: ColourSigns): ColourSpace {
  if (ids.length === 1) return 'gray';
  if (ids.length === 4) return adobe === undefined || adobe === 0 ? 'cmyk' : 'ycck';
  if (hasJfif) return 'ycc';
  if (adobe !== undefined) return adobe === 0 ? 'rgb' : 'ycc';
  return String.fromCharCode(...ids) === 'RGB' ? 'rgb' : 'ycc';
}

// Contribution of the colour differences to red, green and blue, with 16 bits of fraction, as in libjpeg.
const HALF = 2 ** 15;
const fixed = (factor: number) => Math.round(factor * 2 ** 16);
const table = (value: (difference: number) => number) =>
  Int32Array.from({ length: 256 }, (_, sample) => value(sample - 128));
const CR_RED = table((cr) => (fixed(1.402) * cr + HALF) >> 16);
const CB_BLUE = table((cb) => (fixed(1.772) * cb + HALF) >> 16);
const CR_GREEN = table((cr) => -fixed(0.71414) * cr);
const CB_GREEN = table((cb) => -fixed(0.34414) * cb + HALF);

const clamped = (value: number) => (value < 0 ? 0 : value > 255 ? 255 : value);

/** a * b / 255, rounded. */
function scaled(a: number, b: number): number {
  const product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}

export const ROW_COLOURS: Readonly<Record<ColourSpace, RowColours>> = {
  gray: ([gray], width, rgb, to) => ROW_COLOURS.rgb([gray!, gray!, gray!], width, rgb, to),

  rgb: ([red, green, blue], width, rgb, to) => {
    for (let x = 0, at = to; x < width; x++, at += 3) {
      rgb[at] = red![x]!;
      rgb[at + 1] = green![x]!;
      rgb[at + 2] = blue![x]!;
    }
  },

  ycc: ([luma, cbs, crs], width, rgb, to) => {
    for (let x = 0, at = to; x < width; x++, at += 3) {
      const y = luma![x]!;
      const cb = cbs![x]!;
      const cr = crs![x]!;
      rgb[at] = clamped(y + CR_RED[cr]!);
      rgb[at + 1] = clamped(y + ((CB_GREEN[cb]! + CR_GREEN[cr]!) >> 16));
      rgb[at + 2] = clamped(y + CB_BLUE[cb]!);
    }
  },

  // Inks are taken for inverted, as Photoshop writes them: 255 is no ink.
  cmyk: ([cyan, magenta, yellow, black], width, rgb, to) => {
    for (let x = 0, at = to; x < width; x++, at += 3)
      inks(cyan![x]!, magenta![x]!, yellow![x]!, black![x]!, rgb, at);
  },

  ycck: ([luma, cbs, crs, black], width, rgb, to) => {
    for (let x = 0, at = to; x < width; x++, at += 3) {
      const y = luma![x]!;
      const cb = cbs![x]!;
      const cr = crs![x]!;
      const cyan = clamped(255 - (y + CR_RED[cr]!));
      const magenta = clamped(255 - (y + ((CB_GREEN[cb]! + CR_GREEN[cr]!) >> 16)));
      const yellow = clamped(255 - (y + CB_BLUE[cb]!));
      inks(cyan, magenta, yellow, black![x]!, rgb, at);
    }
  },
};

/** The colour of four inverted inks, as Pillow converts them. */
function inks(
  cyan: number,
  magenta: number,
  yellow: number,
  black: number,
  rgb: Uint8Array,
  at: number,
): void {
  rgb[at] = clamped(black - scaled(255 - cyan, black));
  rgb[at + 1] = clamped(black - scaled(255 - magenta, black));
  rgb[at + 2] = clamped(black - scaled(255 - yellow, black));
}
