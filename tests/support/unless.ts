import { test } from 'uvu';

/** uvu's `test`; if a reason is given, the test is skipped, counted as such, and printed with the reason. */
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
