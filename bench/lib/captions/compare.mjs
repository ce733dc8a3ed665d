import { summary } from '../stats.mjs';
import { label } from './runs.mjs';

/** Of what is compared in ratios: encoding, a token after the first, a caption of given pixels, all of an image. */
const KINDS = ['pixels', 'encode', 'token', 'caption', 'whole'];

/**
 * How many times as fast gpt2-wasm's faster build is as each peer in the same place: `median` is that of the peer's times
 * divided by that of gpt2-wasm's, `least` and `most` are the bounds of the same ratio within a round.
 */
export function ratios(rows) {
  const done = rows.filter(({ failure }) => failure === undefined);
  const peers = done.filter(({ engine }) => engine !== 'gpt2-wasm');
  return peers.flatMap((peer) => {
    const { engine, host, weights, threads } = peer;
    const own = done.filter(
      (row) =>
        row.engine === 'gpt2-wasm' && row.host === host && row.weights === weights && row.threads === threads,
    );
    if (own.length === 0) return [];
    const ratio = (kind) => {
      if (peer[kind] === undefined) return undefined;
      const within = peer.samples.map(
        (sample, round) => sample[kind] / Math.min(...own.map(({ samples }) => samples[round][kind])),
      );
      const { least, most } = summary(within);
      return { median: peer[kind].median / Math.min(...own.map((row) => row[kind].median)), least, most };
    };
    const times = Object.fromEntries(KINDS.map((kind) => [kind, ratio(kind)]));
    return { engine, host, weights, threads, ...times };
  });
}

/**
 * Compares the ids of all captions with those of the first run in f32. In f32 every engine has to write the same
 * ones: `different` names those that do not. Each row gets `sameIds`, a share.
 */
export function judgeIds(rows) {
  const done = rows.filter(({ failure }) => failure === undefined);
  const reference = done.find(({ weights }) => weights === 'f32');
  if (reference === undefined) return { compared: 0, different: [] };
  const wanted = reference.ids.flat();
  for (const row of done) {
    const ids = row.ids.flat();
    row.sameIds = wanted.filter((id, i) => id === ids[i]).length / wanted.length;
  }
  const exact = done.filter(({ weights }) => weights === 'f32');
  return {
    compared: exact.length,
    different: exact.filter(({ sameIds }) => sameIds < 1).map(label),
  };
}
