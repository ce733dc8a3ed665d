/** A class or function that a pickle names. It is never looked up, let alone called. */
export class PickleName {
  readonly module: string;
  readonly name: string;

  constructor(module: string, name: string) {
    this.module = module;
    this.name = name;
  }

  /** "torch.FloatStorage". */
  get full(): string {
    return `${this.module}.${this.name}`;
  }
}

/**
 * An object as a pickle describes it: what Python would call, with what. It is inert data; reading a pickle
 * runs no code.
 */
export class PickleObject {
  /** The class or function that would make the object. */
  readonly type: PickleName;
  /** The arguments of the call. */
  readonly args: readonly unknown[];
  /** The attributes that are set after the call, or any other state. */
  state: unknown;
  /** Items that are appended to the object, if it is a list. */
  items: unknown[] | undefined;
  /** Entries that are set in the object, if it is a dictionary. */
  entries: Map<unknown, unknown> | undefined;

  constructor(type: PickleName, args: readonly unknown[]) {
    this.type = type;
    this.args = args;
  }
}

/**
 * A value in a message: a number or a short text, else its kind. Values may be nested deeply, or in
 * themselves.
 */
export function described(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60));
  if (value instanceof PickleName) return value.full;
  if (value instanceof PickleObject) return `an object of ${value.type.full}`;
  if (typeof value !== 'object' || value === null) return String(value);
  return Array.isArray(value) ? 'a list' : 'no number';
}
