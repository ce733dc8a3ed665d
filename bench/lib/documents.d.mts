export function readUnpacked(path: string): Buffer;
export function readDocuments(path: string): string[];
