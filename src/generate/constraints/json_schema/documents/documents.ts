import { refused } from '../refuse.js';
import { childPaths, type Dialect, dialectOf, guessedDialect, hasLoneRef } from './dialect.js';
import { checkJson, escapedToken, isObject, type Json, pointerTokens } from './json.js';
import { METASCHEMAS } from './metaschemas.js';

/** A schema and its place. The same object for the same place. */
export interface SchemaNode {
  /** Differs for each node of the same `Documents`. */
  readonly id: number;
  readonly value: Json;
  /** The way from the document's root, as a JSON pointer without `#`. */
  readonly pointer: string;
  readonly document: SchemaDocument;
  readonly resource: Resource;
}

/** A schema with an `$id`, or the root of a document: references in it are relative to its URI. */
export interface Resource {
  readonly uri: string;
  readonly pointer: string;
  readonly document: SchemaDocument;
  readonly dialect: Dialect;
  readonly anchors: Map<string, SchemaNode>;
  readonly dynamicAnchors: Map<string, SchemaNode>;
}

interface SchemaDocument {
  readonly root: Json;
  /** Before the pointer in messages. */
  readonly name: string;
  readonly isMetaschema: boolean;
  readonly nodes: Map<string, SchemaNode>;
}

/** The target of a reference. `dynamicAnchor`: its name, if a `$dynamicAnchor` was meant. */
export interface Target {
  readonly node: SchemaNode;
  readonly dynamicAnchor: string | undefined;
}

/** The base of references in a schema without `$id`. */
const NO_URI = 'schema:///';

/** All schemas that a reference can reach: the user's, and the meta-schemas of the drafts. */
export class Documents {
  readonly root: SchemaNode;
  readonly #resources = new Map<string, Resource>();
  #nextId = 0;

  constructor(schema: Json) {
    checkJson(schema, '#');
    this.root = this.#open(schema, '#', NO_URI, guessedDialect(schema));
  }

  /** The schema at a path from another one. */
  child(node: SchemaNode, ...path: readonly string[]): SchemaNode {
    const pointer = node.pointer + path.map((token) => `/${escapedToken(token)}`).join('');
    const found = node.document.nodes.get(pointer);
    if (found !== undefined) return found;
    let value = node.value;
    for (const token of path) value = (value as Readonly<Record<string, Json>>)[token]!;
    return this.#node(node.resource, pointer, value);
  }

  /** A schema that no document has; `origin` is the place that messages name. */
  invented(origin: SchemaNode, schema: Json): SchemaNode {
    const document = {
      root: schema,
      name: `${origin.document.name}${origin.pointer}`,
      isMetaschema: false,
      nodes: new Map(),
    };
    return this.#node(resourceOf(document, '', NO_URI, 'draft2020'), '', schema);
  }

  /** The schema that a `$ref` or `$dynamicRef` in a node names. */
  resolve(from: SchemaNode, keyword: string, reference: Json): Target {
    const pointer = `${nameOf(from)}/${keyword}`;
    if (typeof reference !== 'string') throw refused(pointer, 'must be a string');
    const url = parsed(reference, from.resource.uri, pointer);
    const fragment = fragmentOf(url, pointer);
    const resource = this.#resource(withoutFragment(url), pointer, reference);
    if (fragment === '' || fragment.startsWith('/')) {
      return { node: this.#at(resource, fragment, pointer, reference), dynamicAnchor: undefined };
    }
    const dynamic = resource.dynamicAnchors.get(fragment);
    const node = dynamic ?? resource.anchors.get(fragment);
    if (node === undefined) throw refused(pointer, `there is no anchor ${JSON.stringify(fragment)}`);
    return { node, dynamicAnchor: dynamic === undefined ? undefined : fragment };
  }

  #resource(uri: string, pointer: string, reference: string): Resource {
    const known = this.#resources.get(uri);
    if (known !== undefined) return known;
    const metaschema = METASCHEMAS.get(uri);
    if (metaschema === undefined) {
      throw refused(
        pointer,
        `${JSON.stringify(reference)} leads to another document, which is not loaded; put its schema under $defs with its $id`,
      );
    }
    return this.#open(metaschema, ` (${uri})#`, uri, 'draft2020').resource;
  }

  #at(resource: Resource, fragment: string, from: string, reference: string): SchemaNode {
    const { document } = resource;
    const pointer = resource.pointer + fragment;
    const found = document.nodes.get(pointer);
    if (found !== undefined) return found;
    let value: Json | undefined = document.root;
    let owner = resource;
    let walked = '';
    for (const token of pointerTokens(pointer)) {
      owner = document.nodes.get(walked)?.resource ?? owner;
      walked += `/${escapedToken(token)}`;
      const isIn: boolean = typeof value === 'object' && value !== null && Object.hasOwn(value, token);
      value = isIn ? (value as Readonly<Record<string, Json>>)[token] : undefined;
    }
    if (!isObject(value) && typeof value !== 'boolean') {
      throw refused(from, `there is no schema at ${JSON.stringify(reference)}`);
    }
    return this.#node(owner, pointer, value);
  }

  #node(resource: Resource, pointer: string, value: Json): SchemaNode {
    const { document } = resource;
    const node = { id: this.#nextId++, value, pointer, document, resource };
    document.nodes.set(pointer, node);
    return node;
  }

  #open(root: Json, name: string, uri: string, inherited: Dialect): SchemaNode {
    const isMetaschema = METASCHEMAS.has(uri);
    const document = { root, name, isMetaschema, nodes: new Map<string, SchemaNode>() };
    const resource = resourceOf(document, '', uri, dialectOf(root, inherited, name));
    this.#resources.set(uri, resource);
    this.#scan(resource, '', root);
    return document.nodes.get('')!;
  }

  /** Makes the nodes of a schema and of all schemas in it, and notes their URIs and anchors. */
  #scan(outer: Resource, pointer: string, value: Json): void {
    const resource = this.#identified(outer, pointer, value);
    const node = this.#node(resource, pointer, value);
    checkDraft2019(node);
    if (isObject(value) && !hasLoneRef(value, resource.dialect)) {
      if (resource.dialect !== 'draft7') {
        if (typeof value.$anchor === 'string') resource.anchors.set(value.$anchor, node);
        if (typeof value.$dynamicAnchor === 'string') resource.dynamicAnchors.set(value.$dynamicAnchor, node);
      }
      const anchor = resource.dialect === 'draft2020' ? undefined : idFragment(value);
      if (anchor !== undefined) resource.anchors.set(anchor, node);
    }
    for (const path of childPaths(value, resource.dialect)) {
      const child = path.reduce<Json>((at, token) => (at as Readonly<Record<string, Json>>)[token]!, value);
      this.#scan(resource, pointer + path.map((token) => `/${escapedToken(token)}`).join(''), child);
    }
  }

  /** The resource of a schema: one for each `$id`. */
  #identified(outer: Resource, pointer: string, value: Json): Resource {
    if (!isObject(value) || typeof value.$id !== 'string' || value.$id.startsWith('#')) return outer;
    if (hasLoneRef(value, outer.dialect)) return outer;
    const place = `${outer.document.name}${pointer}`;
    const uri = withoutFragment(parsed(value.$id, outer.uri, `${place}/$id`));
    if (uri === outer.uri) return outer;
    if (this.#resources.has(uri)) throw refused(`${place}/$id`, `another schema has the URI ${uri} already`);
    const resource = resourceOf(outer.document, pointer, uri, dialectOf(value, outer.dialect, place));
    this.#resources.set(uri, resource);
    return resource;
  }
}

/** Throws `invalid-option` for references of draft 2019-09, which would not be followed. */
function checkDraft2019(node: SchemaNode): void {
  for (const keyword of ['$recursiveRef', '$recursiveAnchor']) {
    if (isObject(node.value) && node.value[keyword] !== undefined && node.resource.dialect !== 'draft7') {
      throw refused(
        `${nameOf(node)}/${keyword}`,
        'is of draft 2019-09; use $dynamicRef of draft 2020-12, or $ref',
      );
    }
  }
}

function resourceOf(document: SchemaDocument, pointer: string, uri: string, dialect: Dialect): Resource {
  return { document, pointer, uri, dialect, anchors: new Map(), dynamicAnchors: new Map() };
}

/** The name of a schema in messages, which follows "format.jsonSchema". */
export function nameOf(node: SchemaNode): string {
  return `${node.document.name}${node.pointer}`;
}

/** The anchor that draft 7 writes as the fragment of an `$id`. */
function idFragment(value: { readonly $id?: Json }): string | undefined {
  return typeof value.$id === 'string' ? /#(.+)$/.exec(value.$id)?.[1] : undefined;
}

function parsed(reference: string, base: string, pointer: string): URL {
  try {
    return new URL(reference, base);
  } catch {
    throw refused(pointer, `${JSON.stringify(reference)} is no URI that can be resolved against ${base}`);
  }
}

function withoutFragment(url: URL): string {
  return url.href.replace(/#.*$/, '');
}

function fragmentOf(url: URL, pointer: string): string {
  try {
    return decodeURIComponent(url.hash.slice(1));
  } catch {
    throw refused(pointer, `the fragment ${url.hash} is not percent-encoded UTF-8`);
  }
}
