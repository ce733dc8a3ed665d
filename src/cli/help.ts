import { Help, Option } from 'commander';

/** Part of every help text. */
export const EXIT_CODES = `
Exit codes:
  0    done
  1    failed: a file or model that cannot be read, too little memory
  2    used wrongly: an unknown option, a bad value, a prompt that does not fit
  130  interrupted by Ctrl-C; 143: by SIGTERM`;

/** Says of an option that it must be given. */
export function optionDescription(this: Help, option: Option): string {
  const description = Help.prototype.optionDescription.call(this, option);
  return option.mandatory ? `${description} (required)` : description;
}

export function helpOption(): Option {
  return new Option('-h, --help', 'print this help');
}
