/** Longest that one call may take before its engine counts as hung, in milliseconds. */
const PATIENCE = 60_000;

/** Resolves to the result of a call; rejects if the call takes too long. */
export async function patient(promise) {
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${PATIENCE / 1000} s`)), PATIENCE);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
