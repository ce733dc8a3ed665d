import type { ImageInput } from './images/image_input.js';

/** An image in any form that is read, or its pixels as `Captioner.pixels` gives them. */
export type CaptionInput = ImageInput | Float32Array;
