import type { ModelConfig } from '../architecture/gpt2/config.js';
import { asBytes, type Bytes } from '../base/bytes.js';
import { invalidOption } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { Murmur128 } from '../base/murmur.js';
import { differencesOf, identityOf } from '../core/saving/identity.js';
import { eachPage, PositionCopier } from '../core/saving/positions.js';
import type { CoreSequence, ModelCore } from '../core/types.js';
import type { Sequence } from '../generate/sequence.js';
import type { TextState } from '../generate/session_text.js';
import { parseHeader, type SessionHeader } from './session_header.js';

/*
 * A saved session, little-endian: "gpt2wasm", the bytes of the header (u32), 0 (u32), the header in JSON, keys and
 * values position by position (saving/positions.ts), the hash of all of this (16 bytes). Each part is filled up to
 * 16 bytes.
 */

const MAGIC = 'gpt2wasm';
const BLOCK = 16;

const filled = (bytes: number) => Math.ceil(bytes / BLOCK) * BLOCK;

const copierOf = (core: ModelCore) =>
  new PositionCopier(() => core.adapterHost.memory, core.config, core.kvCache);

/** The bytes of a session, which nobody else uses meanwhile. Throws `disposed`. */
export async function saveSession(core: ModelCore, sequence: Sequence, text: TextState): Promise<Bytes> {
  const tokens = sequence.tokens.slice();
  const header = new TextEncoder().encode(
    JSON.stringify({ identity: await identityOf(core), tokens, text } satisfies SessionHeader),
  );
  const copier = copierOf(core);
  const start = BLOCK + filled(header.length);
  const end = start + filled(tokens.length * copier.bytes);
  const bytes = new Uint8Array(end + BLOCK);
  bytes.set(new TextEncoder().encode(MAGIC));
  new DataView(bytes.buffer).setUint32(MAGIC.length, header.length, true);
  bytes.set(header, BLOCK);
  do {
    sequence.assertUsable();
    // Pages that were given up are evaluated again; they may be given up once more while they are read.
    if (!sequence.inCore.isResident) await sequence.evaluate({ tokens, read() {} });
  } while (!(await readPages(copier, sequence.inCore, bytes.subarray(start, end))));
  bytes.set(new Uint8Array(hashOf(bytes).buffer), end);
  return bytes;
}

/** Returns false if the sequence has lost its pages meanwhile. */
async function readPages(copier: PositionCopier, sequence: CoreSequence, out: Uint8Array): Promise<boolean> {
  const { pages, tokens } = sequence;
  let isThere = true;
  await eachPage(pages, tokens.length, (page, first, count) => {
    const now = sequence.pages;
    isThere &&= pages.every((address, i) => address === now[i]);
    if (isThere) copier.read(page, count, out.subarray(copier.bytes * first, copier.bytes * (first + count)));
  });
  return isThere;
}

/** The sequence and the text of saved bytes. Throws `invalid-option` and `invalid-file`. */
export async function restoreSession(
  core: ModelCore,
  given: unknown,
): Promise<{ sequence: CoreSequence; text: TextState }> {
  const view = asBytes(given);
  if (view === undefined) throw invalidOption('bytes', given, 'what session.save() gave, a Uint8Array');
  // A view of words must begin at a multiple of four bytes.
  const bytes = view.byteOffset % 4 === 0 ? view : view.slice();
  const { identity, tokens, text, start } = readHeader(bytes, core.config);
  const differences = differencesOf(identity, await identityOf(core));
  if (differences !== '') throw invalid(`it was saved ${differences}`);
  const copier = copierOf(core);
  if (bytes.length !== start + filled(tokens.length * copier.bytes) + BLOCK)
    throw invalid('it has a wrong size');
  const sequence = core.sequence('session', true);
  await sequence.adopt(tokens, (pages) =>
    eachPage(pages, tokens.length, (page, first, count) => {
      const at = start + copier.bytes * first;
      copier.write(page, count, bytes.subarray(at, at + copier.bytes * count));
    }),
  );
  return { sequence, text };
}

function readHeader(bytes: Bytes, config: ModelConfig): SessionHeader & { readonly start: number } {
  const magic = new TextDecoder().decode(bytes.subarray(0, MAGIC.length));
  if (magic !== MAGIC) throw invalid('it does not begin as a saved session does');
  const end = bytes.length - BLOCK;
  const isWhole = end >= BLOCK && end % BLOCK === 0;
  const sum = bytes.slice(end);
  if (!isWhole || !new Uint8Array(hashOf(bytes).buffer).every((byte, i) => byte === sum[i])) {
    throw invalid('it is cut off or was changed');
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length, true);
  const header = parseHeader(new TextDecoder().decode(bytes.subarray(BLOCK, BLOCK + length)), config);
  if (header === undefined) throw invalid('its header says what no session of this model can have');
  return { ...header, start: BLOCK + filled(length) };
}

/** The hash of all but the last block. */
function hashOf(bytes: Bytes): Int32Array<ArrayBuffer> {
  const hash = new Murmur128();
  hash.add(new Int32Array(bytes.buffer, bytes.byteOffset, (bytes.length - BLOCK) / 4));
  return new Int32Array(hash.digest());
}

const invalid = (why: string) =>
  new Gpt2Error('invalid-file', `these bytes cannot be restored as a session: ${why}`);
