export function changes(before: string, after: string): readonly string[];
