export function wholeOf(answer: unknown): unknown;
