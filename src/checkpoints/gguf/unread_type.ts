import { BLOCK_SIZES, typeOfNumber } from '../../dtypes/tensor_types.js';
import type { HeaderCursor } from './cursor.js';

/**
 * Names of tensor types, each at its number: `ggml_type` of https://github.com/ggml-org/ggml, with its
 * retired types.
 */
const TYPE_NAMES: readonly string[] = [
  ...['F32', 'F16', 'Q4_0', 'Q4_1', 'Q4_2', 'Q4_3', 'Q5_0', 'Q5_1', 'Q8_0', 'Q8_1', 'Q2_K', 'Q3_K'],
  ...['Q4_K', 'Q5_K', 'Q6_K', 'Q8_K', 'IQ2_XXS', 'IQ2_XS', 'IQ3_XXS', 'IQ1_S', 'IQ4_NL', 'IQ3_S', 'IQ2_S'],
  ...['IQ4_XS', 'I8', 'I16', 'I32', 'I64', 'F64', 'IQ1_M', 'BF16', 'Q4_0_4_4', 'Q4_0_4_8', 'Q4_0_8_8'],
  ...['TQ1_0', 'TQ2_0', 'IQ4_NL_4_4', 'IQ4_NL_4_8', 'IQ4_NL_8_8', 'MXFP4'],
];

/** Loads the rare types, of which a tensor may be. Throws for a type that is not read. */
export async function loadRareTypes(cursor: HeaderCursor): Promise<void> {
  const { what, number } = cursor.unread!;
  await import('../../dtypes/rare_blocks.js');
  if (typeOfNumber(number) !== undefined) return;
  const name = TYPE_NAMES[number];
  if (name === undefined) throw cursor.wrong(`${what} has the unknown type ${number}`);
  throw cursor.unsupported(`${what} is stored as ${name}; ${Object.keys(BLOCK_SIZES).join(', ')} are read`);
}
