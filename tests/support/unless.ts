import { test } from 'uvu';

/** `test` of uvu; with a reason given, a test that is counted as skipped and printed with the reason. */
export function unless(reason: string | undefined): (name: string, run: () => unknown) => void {
  return (name, run) => {
    if (reason === undefined) {
      test(name, run as () => void);
      return;
    }
    console.log(`skipped: ${name}: ${reason}`);
    test.skip(name, run as () => void);
  };
}
