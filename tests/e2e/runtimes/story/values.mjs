/** The SHA-256 of all bits of a value: plain data and typed arrays, as deep as it goes. */
export async function digestOf(value, subtle) {
  const bytes = new TextEncoder().encode(written(value));
  return hex(new Uint8Array(await subtle.digest('SHA-256', bytes)));
}

/** Throws if a value is not the one that another way has given, to the last bit. */
export function mustEqual(what, value, wanted) {
  const [got, expected] = [written(value), written(wanted)];
  if (got === expected) return;
  let at = 0;
  while (got[at] === expected[at]) at++;
  const around = (text) => text.slice(Math.max(0, at - 60), at + 60);
  throw new Error(`${what}: ${around(got)}, not ${around(expected)}`);
}

/** JSON that tells apart what JSON does not: numbers in arrays are written bit by bit, with -0 and NaN. */
function written(value) {
  return JSON.stringify(value, (_, item) => {
    if (ArrayBuffer.isView(item)) {
      const bytes = new Uint8Array(item.buffer, item.byteOffset, item.byteLength);
      return { array: item[Symbol.toStringTag], bits: hex(bytes) };
    }
    if (typeof item !== 'number' || (Number.isFinite(item) && !Object.is(item, -0))) return item;
    return { number: Object.is(item, -0) ? '-0' : String(item) };
  });
}

/** A completion without times and counts of work, which depend on the machine. */
export function contentOf({ choices, seed }) {
  return { choices, seed };
}

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

export const unhex = (digits) => Uint8Array.from(digits.match(/../g), (pair) => Number.parseInt(pair, 16));
