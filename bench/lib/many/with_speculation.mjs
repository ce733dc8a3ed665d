import { summary } from '../stats.mjs';
import { ratio, takeTurns } from './turns.mjs';

/**
 * Samples of writing without and with speculation, in turn, and the numbers of drafted and accepted tokens. Both functions
 * return what `write` of the engines does.
 */
export async function takeBoth({ plain, speculating }, rounds, title) {
  const drafts = {};
  const measures = [
    { name: 'plain', sample: async () => (await plain()).rate },
    {
      name: 'speculating',
      async sample() {
        const { rate, draftTokens, acceptedDraftTokens } = await speculating();
        Object.assign(drafts, { draftTokens, acceptedDraftTokens });
        return rate;
      },
    },
  ];
  return { samples: await takeTurns(measures, rounds, { title }), drafts };
}

/** The columns of the table for such samples. */
export function compared({ plain, speculating }) {
  const failure = [plain, speculating].find((value) => value instanceof Error)?.message;
  if (failure === undefined) {
    return { plain: summary(plain), speculating: summary(speculating), times: ratio(speculating, plain) };
  }
  return { failure, ...(Array.isArray(plain) && { plain: summary(plain) }) };
}
