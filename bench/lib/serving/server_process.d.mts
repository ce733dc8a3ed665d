import type { ChildProcess } from 'node:child_process';
import type { ProcessUsage } from '../linux_process.mjs';

export class ServerProcess {
  static start(options: {
    readonly flags?: readonly string[];
    readonly serveFlags?: readonly string[];
    readonly isProbed?: boolean;
  }): Promise<ServerProcess>;
  readonly url: string;
  readonly log: string;
  readonly child: ChildProcess;
  readonly isRunning: boolean;
  usage(): ProcessUsage | undefined;
  idle(): Promise<void>;
  end(): Promise<void>;
}
