import { contentOf, hex, mustEqual, unhex } from '../values.mjs';

/**
 * Texts that continue what was kept: a prefix of an earlier prompt, a session, its fork, and the session saved and
 * opened again, also that of another runtime (`given.session`). The saved bytes are the same everywhere.
 */
export async function sessions({ model, draw, given, keep }) {
  // Other builds restore no session of this one.
  const isSimd = model.runtime.build === 'simd';
  const options = () => ({ maxTokens: 12, seed: draw.seed(), logprobs: 1, ignoreEos: true });
  const prefix = draw.text(12);
  const again = options();
  const begin = await model.generate(prefix, again);
  const more = await model.generate(`${prefix} Then`, options());
  const cached = await model.generate(prefix, again);
  if (more.usage.cachedPromptTokens === 0) throw new Error('no token of the prompt was cached');
  mustEqual('with a cached prompt', contentOf(cached), contentOf(begin));

  const session = model.session();
  await session.generate(draw.prompt(), options());
  session.append(' The end. Then');
  const first = await session.generate(undefined, options());
  const saved = await session.save();
  keep('session', hex(saved));
  const goOn = options();
  const fork = session.fork();
  const wanted = contentOf(await session.generate(undefined, goOn));
  mustEqual('in a fork', contentOf(await fork.generate(undefined, goOn)), wanted);
  for (const [name, bytes] of [
    ['in a restored session', saved],
    ['in a session of another runtime', isSimd && given.session && unhex(given.session)],
  ]) {
    if (!bytes) continue;
    const restored = await model.restore(bytes);
    mustEqual(name, contentOf(await restored.generate(undefined, goOn)), wanted);
    restored.dispose();
  }
  fork.dispose();
  session.dispose();
  return [begin, more, first].map(contentOf).concat(wanted, saved);
}
