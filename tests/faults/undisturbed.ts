import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type FileCall, loggedCalls } from './file_calls.js';
import { type Started, type StartOptions, startCommand } from './process.js';
import { SCENARIOS, type Scenario } from './scenarios.js';
import { type Tree, treeOf } from './tree.js';
import type { World } from './world.js';

/** A scenario as it goes without a fault. */
export interface Undisturbed {
  readonly name: string;
  readonly scenario: Scenario;
  readonly world: World;
  /** The folder that cases begin as copies of. */
  readonly start: string;
  readonly before: Tree;
  readonly whole: Tree;
  /** Its calls to the file system. */
  readonly calls: readonly FileCall[];
  readonly ms: number;
}

type CaseOptions = Omit<Partial<StartOptions>, 'env' | 'input'> & { readonly args?: readonly string[] };

/** Starts the command of a scenario in a new folder, or in one that is given. */
export function startCase(
  { scenario, world, start }: Undisturbed,
  { cwd = world.newCase(start), args = scenario.args(world), ...options }: CaseOptions = {},
): Started & { readonly cwd: string } {
  const env = scenario.env?.(cwd, world);
  return { cwd, ...startCommand(args, { cwd, env, input: scenario.input, ...options }) };
}

/** Runs the command of a scenario to its end. Throws if it fails. */
export async function runUndisturbed(name: string, world: World): Promise<Undisturbed> {
  const scenario = SCENARIOS[name]!;
  const start = mkdtempSync(join(world.folder, 'start-'));
  if (scenario.first !== undefined) await mustRun(scenario.first, start, world);
  scenario.prepare?.(start, world);
  const before = treeOf(start);
  const cwd = world.newCase(start);
  const log = `${start}.log`;
  const began = performance.now();
  await mustRun(name, cwd, world, log);
  const ms = performance.now() - began;
  return { name, scenario, world, start, before, whole: treeOf(cwd), calls: loggedCalls(log), ms };
}

async function mustRun(name: string, cwd: string, world: World, log?: string): Promise<void> {
  const { args, env, input } = SCENARIOS[name]!;
  const fault = { under: world.folder, at: 0, action: 'none', ...(log && { log }) };
  const { code, stderr } = await startCommand(args(world), { cwd, env: env?.(cwd, world), input, fault }).end;
  if (code !== 0) throw new Error(`${name} fails without a fault: ${code} ${stderr}`);
}
