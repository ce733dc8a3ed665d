import type { Command } from 'commander';
import { helpOption } from '../terminal/help_format.js';

/** Adds `help`, which prints the help of the program, or of the command whose name follows. */
export function addHelp(program: Command): void {
  program
    .command('help')
    .summary('print the help of a command')
    .description('Print the help of a command.')
    .argument('[command...]', 'name of the command, such as "models delete"')
    .addHelpOption(helpOption())
    .action((names: readonly string[]) => {
      let command = program;
      for (const name of names) {
        const found = command.commands.find((each) => each.name() === name);
        if (found === undefined) {
          program.error(`error: unknown command '${name}'\n("gpt2-wasm --help" lists the commands)`);
        }
        command = found;
      }
      command.outputHelp();
    });
}
