export function machine(nodeVersions: readonly string[]): {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly node: readonly string[];
};
