import { Gpt2Error } from '../../base/errors.js';
import { hexBytes } from '../../base/hex_bytes.js';
import { isJsonObject } from '../../files/json_object.js';

/** A key pair that signs, as a JSON Web Key (RFC 8037): plain data, to be kept secret. */
export interface SigningKey {
  /** The kind of the key: a pair of octet strings. */
  readonly kty: 'OKP';
  /** The curve. */
  readonly crv: 'Ed25519';
  /** The public key, 32 bytes in base64url: what others check signatures with. */
  readonly x: string;
  /** The private key, 32 bytes in base64url. */
  readonly d: string;
}

const ALGORITHM = { name: 'Ed25519' };
const KEY = /^[\w-]{43}$/;
const SIGNATURE = /^[\w-]{86}$/;

/** Whether a text is a public key in base64url. */
export const isPublicKey = (text: unknown): text is string => typeof text === 'string' && KEY.test(text);

/** Whether a text is a signature in base64url. */
export const isSignature = (text: unknown): text is string =>
  typeof text === 'string' && SIGNATURE.test(text);

/**
 * A new key pair for `signGeneration`. Needs Ed25519 of WebCrypto: Node 20, Deno, Bun, workerd, Chromium 137, Firefox
 * 129, Safari 17 and newer; pages need https. Throws `runtime` without it.
 */
export async function createSigningKey(): Promise<SigningKey> {
  const pair = await withEd25519((subtle) => subtle.generateKey(ALGORITHM, true, ['sign', 'verify']));
  const { x, d } = await subtleCrypto().exportKey('jwk', (pair as CryptoKeyPair).privateKey);
  return { kty: 'OKP', crv: 'Ed25519', x: x!, d: d! };
}

/** The signature of a text in base64url. Throws `invalid-option` for a wrong key, and `runtime`. */
export async function sign(key: SigningKey, text: string): Promise<string> {
  const { kty, crv, x, d } = checkedKey(key);
  const jwk = { kty, crv, x, d };
  let imported: CryptoKey;
  try {
    imported = await withEd25519((subtle) => subtle.importKey('jwk', jwk, ALGORITHM, false, ['sign']));
  } catch (cause) {
    if (cause instanceof Gpt2Error) throw cause;
    throw new Gpt2Error('invalid-option', 'key is no key pair: x and d do not belong together', { cause });
  }
  return base64url(new Uint8Array(await subtleCrypto().sign(ALGORITHM, imported, utf8(text))));
}

/** Whether a signature is that of a text by the owner of the public key. Throws `runtime`. */
export async function isSigned(publicKey: string, signature: string, text: string): Promise<boolean> {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: publicKey };
  try {
    const key = await withEd25519((subtle) => subtle.importKey('jwk', jwk, ALGORITHM, false, ['verify']));
    return await subtleCrypto().verify(ALGORITHM, key, bytesOf(signature), utf8(text));
  } catch (error) {
    if (error instanceof Gpt2Error) throw error;
    // The key is no point of the curve, or the signature no 64 bytes.
    return false;
  }
}

/** SHA-256 of a text in UTF-8, in hexadecimal digits. */
export async function sha256(text: string): Promise<string> {
  const digest = new Uint8Array(await subtleCrypto().digest('SHA-256', utf8(text)));
  return hexBytes(digest);
}

/** The parts of a key. Throws `invalid-option`. */
export function checkedKey(key: unknown): SigningKey {
  const { kty, crv, x, d } = isJsonObject(key) ? key : {};
  if (kty === 'OKP' && crv === 'Ed25519' && isPublicKey(x) && isPublicKey(d)) return { kty, crv, x, d };
  throw new Gpt2Error(
    'invalid-option',
    'key must be what createSigningKey gives: a JSON Web Key with kty OKP, crv Ed25519, x and d',
  );
}

async function withEd25519<T>(use: (subtle: SubtleCrypto) => Promise<T>): Promise<T> {
  try {
    return await use(subtleCrypto());
  } catch (cause) {
    if ((cause as Error | null)?.name !== 'NotSupportedError') throw cause;
    throw new Gpt2Error('runtime', 'this runtime has no Ed25519 in WebCrypto; use a newer one', { cause });
  }
}

function subtleCrypto(): SubtleCrypto {
  const { subtle } = (globalThis as { crypto?: Crypto }).crypto ?? {};
  if (subtle !== undefined) return subtle;
  throw new Gpt2Error('runtime', 'this runtime has no WebCrypto (pages need https)');
}

const utf8 = (text: string) => new TextEncoder().encode(text);

function base64url(bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function bytesOf(base64: string) {
  const text = atob(base64.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
