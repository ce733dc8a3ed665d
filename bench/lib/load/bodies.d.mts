export interface LoadRequest {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly canStream?: boolean;
}

export function goodRequests(): LoadRequest[];
export function badRequests(): object[];
