interface Block {
  readonly command: string;
  readonly heading: string;
  readonly body: string;
}

export function blocksOf(page: string): readonly Block[];
export function withBody(page: string, command: string, body: string): string;
export function dateOf(block: Block): string | undefined;
