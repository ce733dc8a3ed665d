/** Whether a text has more than 1024 characters of white space in a row, for which some parsers take quadratic time. */
export const hasLongSpace = (text: string): boolean => /\s{1025}/.test(text);
