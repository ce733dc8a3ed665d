/** How well classes were told apart. */
export interface ClassMeasures {
  /** Texts that were judged. */
  readonly texts: number;
  /** Share of texts with the right class. */
  readonly accuracy: number;
  /** The mean of the classes' F1; of classes that no text has and that were never said, none counts. */
  readonly f1: number;
  /** 2 precision recall / (precision + recall) of each class, 0 if it was never right. */
  readonly f1ByLabel: Readonly<Record<string, number>>;
}

/** Measures of classes by pairs of the right one and the one that was said. */
export function classMeasures(
  labels: readonly string[],
  pairs: readonly (readonly [right: string, said: string])[],
): ClassMeasures {
  const count = (is: (right: string, said: string) => boolean) => pairs.filter(([a, b]) => is(a, b)).length;
  const f1ByLabel = Object.fromEntries(
    labels.flatMap((label) => {
      const both = count((right, said) => right === label && said === label);
      const all = count((right) => right === label) + count((_, said) => said === label);
      return all > 0 ? [[label, (2 * both) / all]] : [];
    }),
  );
  const values = Object.values(f1ByLabel);
  return {
    texts: pairs.length,
    accuracy: count((right, said) => right === said) / pairs.length,
    f1: values.reduce((sum, value) => sum + value, 0) / values.length,
    f1ByLabel,
  };
}
