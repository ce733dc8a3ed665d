import { EMBEDDING, HEAD } from '../adapted_model.js';
import type { AdapterBuilder } from '../adapter_builder.js';
import type { AdapterTensors, WholeTensor } from '../adapter_tensors.js';
import { Replaced } from '../changes/replaced.js';
import { storedRows } from './lora.js';

/**
 * Reads the parameters that an adapter has whole: saved modules, biases, heads for other tasks and, beside a changed
 * embedding, the base's.
 */
export async function readWhole(tensors: AdapterTensors, builder: AdapterBuilder): Promise<void> {
  const { modules_to_save: saved, ensure_weight_tying: tie } = tensors.fields;
  const isSaved = ({ module }: WholeTensor) =>
    Array.isArray(saved) && saved.some((name) => isNamed(module, String(name)));
  for (const [name, tensor] of tensors.heads) {
    builder.addHead(name, { shape: tensor.shape, values: await tensors.read(tensor, tensor.shape) });
  }
  for (const whole of tensors.whole) {
    const { parameter, tensor, isBase } = whole;
    const { name, kind, shape } = parameter;
    const rows = storedRows(parameter, tensor, 0);
    const numbers = await tensors.read(tensor, [rows, ...shape.slice(1)]);
    // PEFT stores the base's embeddings beside a change of them. Loading sets the tensor that both share.
    const isOfBase = (name === EMBEDDING || name === HEAD) && (isBase || !isSaved(whole));
    const change = kind === 'vector' && name.endsWith('bias') ? 'a trained bias' : 'a saved module';
    const kindOfChange = isOfBase ? "the base model's numbers" : change;
    builder.add(name, new Replaced(kindOfChange, parameter, numbers, isOfBase), isOfBase || tie === true);
  }
}

/** As PEFT takes the names of modules: whole, or their ends. */
function isNamed(module: string, name: string): boolean {
  return module.split('.').some((_, i, parts) =>
    parts
      .slice(0, i + 1)
      .join('.')
      .endsWith(name),
  );
}
