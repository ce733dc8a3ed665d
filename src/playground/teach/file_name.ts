/** Makes a file name of a model's name. */
export function fileName(name: string): string {
  return name.replace(/^.*\//, '').replaceAll(/[^\w.-]+/g, '-');
}
