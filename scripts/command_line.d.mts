import type { ParseArgsConfig, parseArgs } from 'node:util';

export function commandLine<T extends ParseArgsConfig>(
  usage: string,
  config: T,
): ReturnType<typeof parseArgs<T>>;
export function numbersOf<const N extends string>(
  usage: string,
  values: Readonly<Record<N, string>>,
  names: readonly N[],
): Record<N, number>;
export function wrongUse(usage: string, problem: string): never;
