import type { Model } from '../../model/model.js';
import { type ModelValues, secondModelValues } from '../options/model_flags.js';
import { Interrupt } from '../terminal/interrupt.js';
import { loadForCommand } from './load_model.js';

/** Models of a command that may have an observer. */
export interface Models {
  readonly model: Model;
  readonly observer?: Model;
}

/** Values of the flags that name them. */
export interface ModelsValues extends ModelValues {
  readonly observer?: string;
}

/** Loads the models, works with them, and disposes them. Reports an interrupt with `message`. */
export async function withModels(
  values: ModelsValues,
  message: string,
  work: (models: Models, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  const loaded: Model[] = [];
  const load = async (of: ModelValues) => {
    const model = await loadForCommand(of, signal);
    loaded.push(model);
    return model;
  };
  try {
    const model = await load(values);
    const { observer } = values;
    await work(
      { model, ...(observer && { observer: await load(secondModelValues(values, observer)) }) },
      signal,
    );
  } catch (error) {
    interrupt.report(error, message);
  } finally {
    for (const model of loaded) model.dispose();
  }
}
