interface Times {
  readonly median: number;
}

type Kind = 'pixels' | 'encode' | 'token' | 'caption' | 'whole';

interface Run extends Partial<Readonly<Record<Kind, Times>>> {
  readonly engine: string;
  readonly build?: string;
  readonly host: string;
  readonly weights: string;
  readonly threads: number;
  readonly failure?: string;
  readonly ids?: readonly (readonly number[])[];
  sameIds?: number;
}

interface Ratios extends Partial<Readonly<Record<Kind, number>>> {
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
