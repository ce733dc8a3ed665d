/** The browser of all pages: Debian's, or another one. */
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
