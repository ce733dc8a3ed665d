interface Times {
  readonly median: number;
}

interface Ratio extends Times {
  readonly least: number;
  readonly most: number;
}

type Kind = 'pixels' | 'encode' | 'token' | 'caption' | 'whole';

interface Run extends Partial<Readonly<Record<Kind, Times>>> {
  readonly engine: string;
  readonly build?: string;
  readonly host: string;
  readonly weights: string;
  readonly threads: number;
  readonly failure?: string;
  /** Of each round. */
  readonly samples?: readonly Partial<Readonly<Record<Kind, number>>>[];
  readonly ids?: readonly (readonly number[])[];
  sameIds?: number;
}

interface Ratios extends Partial<Readonly<Record<Kind, Ratio>>> {
  readonly engine: string;
  readonly host: string;
  readonly weights: string;
  readonly threads: number;
}

export function ratios(rows: readonly Run[]): Ratios[];
export function judgeIds(rows: readonly Run[]): {
  readonly compared: number;
  readonly different: readonly string[];
};
