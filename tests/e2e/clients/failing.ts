/** The error of a call that must fail. */
// biome-ignore lint/suspicious/noExplicitAny: clients' errors have fields of their own.
export async function failure(call: () => Promise<unknown>): Promise<any> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('the call was answered');
}
