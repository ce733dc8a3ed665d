import { openEngine } from './engine.mjs';
import { lookupTokensPerPass } from './lookup.mjs';
import { readTasks } from './tasks.mjs';
import { compared, takeBoth } from './with_speculation.mjs';

const WARM_UP = 16;

/**
 * Prompt lookup on texts that a model knows by heart: the random model of 124M writes exactly the task's continuation, so
 * that the text decides what is accepted, and the model what it costs.
 */
export async function measureByHeart({ formats, rounds, node, folder }) {
  const tasks = await readTasks();
  const rows = [];
  for (const weights of formats) {
    const spec = { module: 'gpt2_wasm_scripted', build: 'relaxed', threads: 1, weights };
    const engine = await openEngine(spec, { node, files: { folder } });
    const written = [];
    for (const task of tasks) {
      const { kind, name, ids, start } = task;
      const count = ids.length - start;
      await engine.call('learn', ids);
      const plain = () => write(engine, task, {});
      const speculating = () => write(engine, task, { speculate: 'prompt' });
      await write(engine, { ids: ids.slice(0, start + WARM_UP), start }, {});
      const both = await takeBoth({ plain, speculating }, rounds, `prompt lookup, ${weights}, ${name}`);
      written.push({ kind, count, ...both });
      const bound = lookupTokensPerPass(ids, start);
      rows.push({ weights, name, count, bound, ...compared(both.samples), ...both.drafts });
    }
    await engine.end();
    for (const kind of new Set(tasks.map((task) => task.kind))) {
      const group = written.filter((task) => task.kind === kind);
      rows.push({ weights, name: `all ${kind}`, count: total(group), ...compared(together(group)) });
    }
  }
  return rows;
}

/** Writes the task's continuation, or throws. */
async function write(engine, { ids, start }, options) {
  const work = { ids: ids.slice(0, start), count: ids.length - start };
  const result = await engine.call('write', { ...work, options: { temperature: 0, ...options } });
  const wrong = result.tokens.findIndex((id, i) => id !== ids[start + i]);
  if (wrong >= 0) throw new Error(`token ${wrong} of the continuation is another one`);
  return result;
}

const total = (group) => group.reduce((sum, { count }) => sum + count, 0);

/** Tokens a second of all tasks of a group, written one after the other, in each round. */
function together(group) {
  const rates = (name) => {
    const of = group.map(({ samples }) => samples[name]);
    const failure = of.find((samples) => samples instanceof Error);
    if (failure !== undefined) return failure;
    return of[0].map((_, round) => {
      const seconds = group.reduce((sum, { count }, i) => sum + count / of[i][round], 0);
      return total(group) / seconds;
    });
  };
  return { plain: rates('plain'), speculating: rates('speculating') };
}
