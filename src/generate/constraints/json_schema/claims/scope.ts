import type { Resource, SchemaNode } from '../documents/documents.js';

/**
 * The dynamic scope of a schema, as far as `$dynamicRef` can tell: the schema that each dynamic anchor means, the one
 * that was met first. Equal scopes are the same object.
 */
export interface Scope {
  readonly key: string;
  readonly anchors: ReadonlyMap<string, SchemaNode>;
}

export class Scopes {
  readonly outside: Scope = { key: '', anchors: new Map() };
  readonly #known = new Map<string, Scope>([['', this.outside]]);

  /** The scope in a resource that is entered from `scope`. */
  enter(scope: Scope, resource: Resource): Scope {
    const added = [...resource.dynamicAnchors].filter(([name]) => !scope.anchors.has(name));
    if (added.length === 0) return scope;
    const anchors = new Map([...scope.anchors, ...added]);
    const key = [...anchors.entries()]
      .map(([name, node]) => `${name}=${node.id}`)
      .sort()
      .join();
    const known = this.#known.get(key) ?? { key, anchors };
    this.#known.set(key, known);
    return known;
  }
}
