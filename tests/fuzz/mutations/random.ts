import type { randomSource } from '../../support/random.js';

export type RandomSource = ReturnType<typeof randomSource>;
