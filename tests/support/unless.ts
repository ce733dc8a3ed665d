import { test } from 'uvu';

/** `test` of uvu; with a hindrance, a test that is counted as skipped and printed with the reason. */
export function unless(hindrance: string | undefined): (name: string, run: () => unknown) => void {
  return (name, run) => {
    if (hindrance === undefined) {
      test(name, run as () => void);
      return;
    }
    console.log(`skipped: ${name}: ${hindrance}`);
    test.skip(name, run as () => void);
  };
}
