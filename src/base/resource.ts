/// <reference lib="esnext.disposable" preserve="true" />

/**
 * An object that holds memory until `dispose`, which `using` and `await using` call too. Consoles, `String`
 * and `JSON.stringify` show the result of `toJSON`.
 */
export abstract class Resource {
  /** Gives the memory back. */
  abstract dispose(): void;

  /** Plain data that says what this is; throws nothing, also after `dispose`. */
  abstract toJSON(): object;

  /** The name of the class, which minified code does not keep. */
  abstract get [Symbol.toStringTag](): string;

  /** The name of the class, and what `toJSON` gives. */
  toString(): string {
    return `${this[Symbol.toStringTag]} ${JSON.stringify(this)}`;
  }

  /** Calls `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Calls `dispose`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.dispose();
  }
}

/** How Node, Deno and Bun show a resource; they pass `inspect`. */
function show(
  this: Resource,
  _depth: number,
  options: object,
  inspect: (value: object, options: object) => string,
): string {
  return `${this[Symbol.toStringTag]} ${inspect(this.toJSON(), options)}`;
}

Object.defineProperty(Resource.prototype, Symbol.for('nodejs.util.inspect.custom'), { value: show });
