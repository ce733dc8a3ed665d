import type { AlignedText } from '../text/aligned_text.js';

/** A step that changes a text before it is split. */
export type Normalizer = (text: AlignedText) => AlignedText;
