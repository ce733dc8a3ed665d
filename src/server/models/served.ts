import type { Model } from '../../model/model.js';
import type { TokenTexts } from './token_texts.js';

/** A loaded model under the name by which requests choose it. */
export interface Served {
  readonly name: string;
  readonly model: Model;
  readonly texts: TokenTexts;
}
