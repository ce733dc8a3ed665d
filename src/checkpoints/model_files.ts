import { isWhole } from '../files/wanted_files.js';
import { ALL_FORMATS, BESIDE_MODELS } from './all_formats.js';
import { isAdapterFile } from './peft/file_names.js';

/** Whether a file of this name holds or lists the weights of a model. */
export function isModelFile(name: string, formats = ALL_FORMATS): boolean {
  return (
    !BESIDE_MODELS.test(name) &&
    formats.some((format) => format.weights.includes(name) || isWhole(name, format))
  );
}

/** Whether these files are those of a LoRA adapter of PEFT and not of a whole model. */
export function isAdapter(paths: readonly string[]): boolean {
  return paths.some(isAdapterFile) && !paths.some((path) => isModelFile(path));
}
