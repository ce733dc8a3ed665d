const DIRECT = /^(?:\d+(?:\.\d+){3}|\[[\da-f:.]+\]|(?:.+\.)?localhost)$/i;

/**
 * Whether a host of a URL is an address or localhost. A page can let its own name mean this machine (DNS rebinding), so
 * that its requests here count as those of the same origin; such requests carry the page's name.
 */
export const isDirectHost = (hostname: string): boolean => DIRECT.test(hostname);
