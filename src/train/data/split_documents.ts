import { checkNumber, whole } from '../../base/check_number.js';
import { Gpt2Error } from '../../base/errors.js';
import { permutation } from './shuffle.js';
import { checkDocuments, selectDocuments, type TokenDocuments } from './token_documents.js';

/**
 * Holds out a share of the documents, 0 to 1, for validation: at least one, chosen by the seed, but not all.
 * A single document is split into a beginning and an end.
 */
export function splitDocuments(
  documents: TokenDocuments,
  share: number,
  seed: number,
): {
  /** Documents to learn from. */
  readonly training: TokenDocuments;
  /** Documents that are held out, if there are any. */
  readonly validation: TokenDocuments | undefined;
} {
  checkDocuments(documents);
  checkNumber('share', share, [(value) => value >= 0 && value <= 1, 'a number from 0 to 1']);
  checkNumber('seed', seed, whole(0));
  const count = documents.starts.length;
  if (share === 0) return { training: documents, validation: undefined };
  if (count === 1) return splitOne(documents, share);
  const held = Math.min(count - 1, Math.max(1, Math.round(share * count)));
  const order = permutation(count, seed, 0);
  // Sorted: the seed decides which documents are chosen, but not their order.
  const pick = (indices: Int32Array) => selectDocuments(documents, indices.sort());
  return { training: pick(order.slice(held)), validation: pick(order.slice(0, held)) };
}

function splitOne(document: TokenDocuments, share: number) {
  const { ends, learned } = document;
  const [from, to] = [learned[0]!, ends[0]!];
  if (to - from < 2) {
    throw new Gpt2Error(
      'invalid-file',
      'the data hold one document with a single token to learn, which leaves nothing for validation',
    );
  }
  const held = Math.min(to - from - 1, Math.max(1, Math.round(share * (to - from))));
  const middle = Int32Array.of(to - held);
  return {
    training: { ...document, ends: middle },
    validation: { ...document, starts: middle, learned: middle },
  };
}
