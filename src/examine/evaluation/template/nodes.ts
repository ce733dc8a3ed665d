/** A node of the tree that `@huggingface/jinja` makes of a template; its fields depend on the type. */
export interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A parsed template. */
export interface Program {
  readonly body: readonly Node[];
}

/** A child node. */
export const child = (node: Node, field: string): Node => node[field] as Node;
/** A child that may be left out. */
export const optional = (node: Node, field: string): Node | undefined => node[field] as Node | undefined;
/** A list of child nodes. */
export const children = (node: Node, field: string): readonly Node[] => node[field] as readonly Node[];
/** The text of an operator or a name. */
export const textOf = (node: Node): string => node.value as string;
