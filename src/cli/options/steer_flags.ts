import type { Command } from 'commander';
import type { Edit } from '../../core/hooks/edit.js';
import { steer } from '../../examine/inside/steering/steer.js';
import { readSteeringVector } from '../../examine/inside/steering/vector_file.js';
import type { Model } from '../../model/model.js';
import { addFlags, asText, type Flag } from './flag.js';
import { readFlagFile } from './flag_file.js';

/** The flags that steer a model by a direction in its residual stream. */
const STEER_FLAGS: Readonly<Record<'steer' | 'strength', Flag>> = {
  steer: {
    value: 'file',
    parse: asText,
    help: 'add the steering vector in this file (see docs/inspecting.md)',
    standard: 'none',
  },
  strength: { value: 'number', help: 'factor of the steering vector; negative: the other way', standard: 1 },
};

interface Values {
  readonly steer?: string;
  readonly strength?: number;
  readonly record?: string;
}

export function addSteerFlags(command: Command): void {
  addFlags(command, STEER_FLAGS, 'Steering:');
}

/**
 * Makes the edit that the command line asks for, if any, for a model. Ends with a usage error if flags lack others;
 * throws `invalid-file`.
 */
export async function steerOption(command: Command): Promise<((model: Model) => Edit[]) | undefined> {
  const { steer: file, strength, record } = command.opts<Values>();
  if (file === undefined) {
    if (strength !== undefined) command.error('error: --strength needs --steer');
    return undefined;
  }
  if (record !== undefined) command.error('error: --record does not record --steer');
  const vector = await readSteeringVector(await readFlagFile(command, 'steer', file));
  return (model) => [steer(model, vector, { strength })];
}
