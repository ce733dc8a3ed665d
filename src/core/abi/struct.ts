/** A 4-byte field: an unsigned integer (a size, a count, an address) or a float. */
export type FieldKind = 'u32' | 'f32';

/** The fields of a structure in core memory, in order; tests compare them with the classes of assembly/. */
export type StructLayout = Readonly<Record<string, FieldKind>>;

export function structBytes(layout: StructLayout): number {
  return 4 * Object.keys(layout).length;
}

/** Bytes from the start of a structure to a field. */
export function fieldOffset<L extends StructLayout>(layout: L, field: keyof L & string): number {
  return 4 * Object.keys(layout).indexOf(field);
}

/** Writes the given fields of the structure at an address and leaves the others as they are. */
export function writeStruct<L extends StructLayout>(
  view: DataView,
  address: number,
  layout: L,
  fields: { readonly [name in keyof L]?: number },
): void {
  let at = address;
  for (const [name, kind] of Object.entries(layout)) {
    const value = fields[name];
    if (value !== undefined) view[kind === 'f32' ? 'setFloat32' : 'setUint32'](at, value, true);
    at += 4;
  }
}

/** The fields of the structure at an address. */
export function readStruct<L extends StructLayout>(
  view: DataView,
  address: number,
  layout: L,
): Record<keyof L, number> {
  const fields: Record<string, number> = {};
  let at = address;
  for (const [name, kind] of Object.entries(layout)) {
    fields[name] = view[kind === 'f32' ? 'getFloat32' : 'getUint32'](at, true);
    at += 4;
  }
  return fields as Record<keyof L, number>;
}
