const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];
const MS_A_DAY = 86_400_000;

const two = (value: number): string => String(value).padStart(2, '0');
const hour12 = (time: Date): number => time.getUTCHours() % 12 || 12;
const dayOfYear = (time: Date): number =>
  1 + Math.floor((time.getTime() - Date.UTC(time.getUTCFullYear(), 0, 1)) / MS_A_DAY);

/** Python's directives; `%-d` and `%-m` leave out the zero, as on Linux. */
const DIRECTIVES: Readonly<Record<string, (time: Date) => string>> = {
  '%': () => '%',
  a: (time) => DAYS[time.getUTCDay()]!.slice(0, 3),
  A: (time) => DAYS[time.getUTCDay()]!,
  b: (time) => MONTHS[time.getUTCMonth()]!.slice(0, 3),
  B: (time) => MONTHS[time.getUTCMonth()]!,
  d: (time) => two(time.getUTCDate()),
  '-d': (time) => String(time.getUTCDate()),
  e: (time) => String(time.getUTCDate()).padStart(2),
  F: (time) => strftime('%Y-%m-%d', time),
  H: (time) => two(time.getUTCHours()),
  '-H': (time) => String(time.getUTCHours()),
  I: (time) => two(hour12(time)),
  '-I': (time) => String(hour12(time)),
  j: (time) => String(dayOfYear(time)).padStart(3, '0'),
  m: (time) => two(time.getUTCMonth() + 1),
  '-m': (time) => String(time.getUTCMonth() + 1),
  M: (time) => two(time.getUTCMinutes()),
  p: (time) => (time.getUTCHours() < 12 ? 'AM' : 'PM'),
  S: (time) => two(time.getUTCSeconds()),
  T: (time) => strftime('%H:%M:%S', time),
  w: (time) => String(time.getUTCDay()),
  y: (time) => two(time.getUTCFullYear() % 100),
  Y: (time) => String(time.getUTCFullYear()).padStart(4, '0'),
  z: () => '+0000',
  Z: () => 'UTC',
};

/** A time in UTC as Python's `strftime` writes it, with English names. Throws an Error for other directives. */
export function strftime(format: string, time: Date): string {
  return format.replace(/%(-?[\s\S]|$)/g, (directive, name: string) => {
    const write = Object.hasOwn(DIRECTIVES, name) ? DIRECTIVES[name] : undefined;
    if (write === undefined) throw new Error(`strftime_now does not know ${directive}`);
    return write(time);
  });
}
