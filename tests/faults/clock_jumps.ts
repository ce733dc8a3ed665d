import type { Case } from './kinds.js';
import { startCommand } from './process.js';
import { differences, treeOf } from './tree.js';
import type { Undisturbed } from './undisturbed.js';

const PRELOAD = new URL('./jumping_clock.mjs', import.meta.url).href;
/** A number that no rate, time or size can be. */
const WRONG_NUMBER = /NaN|Infinity|(?<![\w.-])-\d/;

/** A clock that jumps during the whole command. */
export function* clockJumps(run: Undisturbed): Generator<Case> {
  yield {
    when: `${run.name}, while the clock jumps by years`,
    async run() {
      const { scenario, world, start, whole } = run;
      const cwd = world.newCase(start);
      const env = scenario.env?.(cwd, world);
      const args = scenario.args(world).filter((arg) => arg !== '--quiet');
      const { code, stdout, stderr } = await startCommand(args, { cwd, env, nodeArgs: ['--import', PRELOAD] })
        .end;
      if (code !== 0) return `it ends with ${code}: ${stderr.trim()}`;
      const [wrong] = WRONG_NUMBER.exec(`${stdout}${stderr}`) ?? [];
      if (wrong !== undefined) return `it tells ${wrong}: ${stderr.trim()}`;
      const differing = differences(treeOf(cwd), whole);
      return differing.length > 0 ? `${differing.join(', ')} differs` : undefined;
    },
  };
}
