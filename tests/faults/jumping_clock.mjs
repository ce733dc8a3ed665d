// For `node --import`: the clock of this process jumps by twenty years, forth and back, between any two looks at it.
const JUMP_MS = 20 * 365 * 86_400_000;
const { now } = Date;
let looks = 0;
Date.now = () => now() + (looks++ % 2 === 0 ? JUMP_MS : -JUMP_MS);
globalThis.Date = new Proxy(Date, {
  construct: (own, args) => (args.length === 0 ? new own(own.now()) : new own(...args)),
});
