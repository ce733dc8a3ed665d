import { filePicker } from './file_picker.js';
import { chosenFiles, type GivenFiles } from './given_files.js';

interface PickerEvents {
  onFiles(given: GivenFiles): void;
  /** The chosen files could not be read. */
  onError(error: unknown): void;
}

/** A button to choose files, which may be a model or an adapter. */
export function givenPicker(
  id: string,
  label: string,
  attributes: Readonly<Record<string, string | boolean>>,
  { onFiles, onError }: PickerEvents,
): HTMLElement {
  return filePicker(id, label, attributes, async (files) => {
    try {
      const given = await chosenFiles(files);
      if (given !== undefined) onFiles(given);
    } catch (error) {
      onError(error);
    }
  });
}
