export function sendJson(url: string, path: string, body: object): Promise<unknown>;
export function closeConnections(): void;
