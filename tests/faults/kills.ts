import { problemAfterKill } from './check_kill.js';
import { isChange, isWrite } from './file_calls.js';
import type { Case, KindOptions } from './kinds.js';
import { startCase, type Undisturbed } from './undisturbed.js';

/** Kills at random moments of a command, uniform over its length. */
export function* killsAtMoments(run: Undisturbed, { count, random }: KindOptions): Generator<Case> {
  for (let i = 0; i < count; i++) {
    // Some come after the end of the command: no moment is left out if it is slow.
    const ms = random() * 1.1 * run.ms;
    yield {
      when: `${run.name}, killed after ${Math.round(ms)} ms of ${Math.round(run.ms)}`,
      async run() {
        const { cwd, child, end } = startCase(run);
        const timer = setTimeout(() => child.kill('SIGKILL'), ms);
        await end;
        clearTimeout(timer);
        return problemAfterKill(run, cwd);
      },
    };
  }
}

/** Kills before every call that changes a file, and within every one that writes. */
export function* killsAtCalls(run: Undisturbed): Generator<Case> {
  for (const [index, call] of run.calls.entries()) {
    if (!isChange(call)) continue;
    for (const action of isWrite(call) ? ['SIGKILL', 'half'] : ['SIGKILL']) {
      const when = action === 'half' ? 'within' : 'before';
      yield {
        when: `${run.name}, killed ${when} call ${index + 1}, ${call.name} ${call.path}`,
        async run() {
          const fault = { under: run.world.folder, at: index + 1, action };
          const { cwd, end } = startCase(run, { fault });
          await end;
          return problemAfterKill(run, cwd);
        },
      };
    }
  }
}
