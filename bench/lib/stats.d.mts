export function summary(values: readonly number[]): {
  readonly median: number;
  readonly least: number;
  readonly most: number;
};
