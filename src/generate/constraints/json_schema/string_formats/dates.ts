import type { Expression } from '../../expressions/expression.js';
import type { Expressions } from '../../expressions/expressions.js';
import { compileRegex } from '../../regex/compile_regex.js';

const LEAP_YEAR = '(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)';
const DAY_OF_MONTH = [
  '(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])',
  '(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)',
  '02-(?:0[1-9]|1\\d|2[0-8])',
].join('|');
const DATE = `(?:\\d{4}-(?:${DAY_OF_MONTH})|${LEAP_YEAR}-02-29)`;
const CLOCK = '(?:[01]\\d|2[0-3]):[0-5]\\d';
const FRACTION = '(?:\\.\\d+)?';
const DAY_MINUTES = 24 * 60;

/** RFC 3339, full-date. */
export function date(make: Expressions): Expression {
  return compileRegex(make, DATE);
}

/** RFC 3339, full-time. */
export function time(make: Expressions): Expression {
  const usual = compileRegex(make, `${CLOCK}:[0-5]\\d${FRACTION}(?:[Zz]|[+\\-]${CLOCK})`);
  return make.choice([usual, leapSeconds(make)]);
}

/** RFC 3339, date-time. */
export function dateTime(make: Expressions): Expression {
  return make.sequence(date(make), compileRegex(make, '[Tt]'), time(make));
}

/** RFC 3339, appendix A. */
export function duration(make: Expressions): Expression {
  const timePart = '\\d+(?:H(?:\\d+M(?:\\d+S)?)?|M(?:\\d+S)?|S)';
  const datePart = '\\d+(?:Y(?:\\d+M(?:\\d+D)?)?|M(?:\\d+D)?|D)';
  return compileRegex(make, `P(?:\\d+W|${datePart}(?:T${timePart})?|T${timePart})`);
}

/** The second 60, which there is only at 23:59 UTC. The rules do not contain themselves, so that they may be combined. */
function leapSeconds(make: Expressions): Expression {
  const fraction = compileRegex(make, FRACTION);
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  const offsets = (hour: number, minute: number) => {
    const ahead = (60 * hour + minute + 1) % DAY_MINUTES;
    const behind = (DAY_MINUTES - ahead) % DAY_MINUTES;
    const utc = ahead === 0 ? [compileRegex(make, '[Zz]')] : [];
    return make.choice([...utc, make.literal(`+${clock(ahead)}`), make.literal(`-${clock(behind)}`)]);
  };
  const inHour = (hour: number) =>
    make.choice(
      Array.from({ length: 60 }, (_, minute) =>
        make.sequence(make.literal(`${twoDigits(minute)}:60`), fraction, offsets(hour, minute)),
      ),
    );
  return make.choice(
    hours.map((hour) =>
      make.sequence(
        make.literal(`${twoDigits(hour)}:`),
        make.rule(`leap seconds ${hour}`, false, () => inHour(hour)),
      ),
    ),
  );
}

function clock(minutes: number): string {
  return `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
}

function twoDigits(number: number): string {
  return `${number}`.padStart(2, '0');
}
