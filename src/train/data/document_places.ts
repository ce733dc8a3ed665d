import { invalidOption } from '../../base/check_options.js';

/** The files and lines that documents come from. */
export interface DocumentPlaces {
  /** Names of the files. */
  readonly files: readonly string[];
  /** Index in `files` of each document's file. */
  readonly file: Int32Array;
  /** The line that each document begins in, from 1. */
  readonly line: Int32Array;
}

/** Throws `invalid-option` if `places` are not those of `count` documents. */
export function checkPlaces(places: DocumentPlaces | undefined, count: number): void {
  if (places === undefined) return;
  const { files, file, line } = (places ?? {}) as Partial<DocumentPlaces>;
  const areNumbers = (list: unknown): list is Int32Array =>
    (list as Int32Array | undefined)?.[Symbol.toStringTag] === 'Int32Array' &&
    (list as Int32Array).length === count;
  const areKnown =
    areNumbers(file) && Array.isArray(files) && file.every((i) => typeof files[i] === 'string');
  if (!areKnown || !areNumbers(line)) {
    throw invalidOption('documents.places', places, 'what tokenizeDocuments gives');
  }
}

/** The file and the line that a document comes from. */
export interface DocumentPlace {
  /** Name of the file; `data` for texts that were given without one. */
  readonly file: string;
  /** The line that it begins in, or its number among the texts that were given, from 1. */
  readonly line: number;
}

/** Gathers the places of documents while they are read. */
export class PlacesBuilder {
  readonly #files = new Map<string, number>();
  readonly #file: number[] = [];
  readonly #line: number[] = [];

  /** Adds the place of the next document. */
  add(file: string, line: number): void {
    const index = this.#files.get(file) ?? this.#files.size;
    this.#files.set(file, index);
    this.#file.push(index);
    this.#line.push(line);
  }

  /** The places of all documents so far. */
  places(): DocumentPlaces {
    return {
      files: [...this.#files.keys()],
      file: Int32Array.from(this.#file),
      line: Int32Array.from(this.#line),
    };
  }
}

/** The place of document `index`, which is its number if nothing else is known. */
export function placeOf(
  { places }: { readonly places?: DocumentPlaces | undefined },
  index: number,
): DocumentPlace {
  if (places === undefined) return { file: 'data', line: index + 1 };
  return { file: places.files[places.file[index]!]!, line: places.line[index]! };
}
