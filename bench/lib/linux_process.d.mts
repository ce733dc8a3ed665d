export interface ProcessUsage {
  readonly megabytes: number;
  readonly peakMegabytes: number;
  readonly seconds: number;
  readonly handles: number;
  readonly threads: number;
}

export function processUsage(pid: number): ProcessUsage | undefined;
