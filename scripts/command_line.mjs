// How the commands of the repository read their arguments.
import { parseArgs } from 'node:util';

/**
 * The arguments as `parseArgs` of node:util gives them. Ends the process after `--help`, with `usage` on stdout, and with 2 after
 * arguments that are not known.
 */
export function commandLine(usage, config) {
  try {
    const parsed = parseArgs({ ...config, options: { ...config.options, help: { type: 'boolean' } } });
    if (!parsed.values.help) return parsed;
  } catch (error) {
    // The hint about a positional argument that begins with a dash is about none of these commands.
    wrongUse(usage, error.message.split('. ')[0]);
  }
  console.log(usage);
  process.exit(0);
}

/** The named options as numbers. Ends the process with 2 if one is negative, or no number. */
export function numbersOf(usage, values, names) {
  const entries = names.map((name) => {
    const number = values[name].trim() === '' ? Number.NaN : Number(values[name]);
    if (!(number >= 0)) wrongUse(usage, `--${name} is ${values[name]}; it must be a number, 0 or more`);
    return [name, number];
  });
  return Object.fromEntries(entries);
}

/** Ends the process with 2, and what is wrong and `usage` on stderr. */
export function wrongUse(usage, problem) {
  console.error(`error: ${problem}\n${usage}`);
  process.exit(2);
}
