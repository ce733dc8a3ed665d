import { limitsTable, printMachine, spread, table } from '../markdown.mjs';

/** Prints the results of `run` as Markdown: medians (least to most); ratios of medians (of single rounds). */
export function print({ machine, parts, limits, minutes }) {
  printMachine(machine);
  for (const [name, part] of Object.entries(parts)) PRINTERS[name](part);
  limitsTable(limits);
  console.log(`\n${minutes.toFixed(1)} minutes.`);
}

const PRINTERS = {
  sequences(rows) {
    table(
      'Sequences at once, GPT-2 124M, 1 thread: 64 tokens each after 8',
      ['weights', 'sequences', 'tokens/s together', 'x one', 'share of the ceiling'],
      rows.flatMap(({ weights, counts }) =>
        counts.map(({ count, rate, timesOne, shareOfCeiling }) => [
          ...[weights, String(count), spread(rate)],
          ...[spread(timesOne, 2), `${spread(shareOfCeiling, 0, 100)} %`],
        ]),
      ),
    );
    table(
      'A prompt of 512 in the same rounds; the ceiling is its speed x 85/124, as a decoded token has the head too',
      ['weights', 'tokens/s', '% of multiply-add or dot peak', 'ceiling, x one sequence'],
      rows.map(({ weights, prompt, promptShareOfPeak, ceilingTimesOne }) => [
        ...[weights, spread(prompt), spread(promptShareOfPeak, 0, 100), spread(ceilingTimesOne, 2)],
      ]),
    );
  },
  depth(rows) {
    withFailures(
      'Decoding after 960 tokens, GPT-2 124M, 1 thread',
      ['weights', 'keys and values', 'tokens/s after 32', 'tokens/s after 960', 'ratio'],
      rows,
      ({ weights, kvCache }) => [weights, kvCache],
      ({ short, long, longTimesShort }) => [rate(short), rate(long), timesOf(longTimesShort)],
    );
  },
  slots(rows) {
    withFailures(
      'Beside llama.cpp native (node-llama-cpp), GPT-2 124M, q8: 64 tokens each after 8',
      ['threads', 'sequences', 'gpt2-wasm, tokens/s together', 'llama.cpp', 'x llama.cpp'],
      rows,
      ({ threads, count }) => [String(threads), String(count)],
      ({ ours, llama, timesLlama }) => [rate(ours), rate(llama), timesOf(timesLlama)],
    );
  },
  scoring({ texts, length, rate }) {
    const cells = [`${texts} texts of ${length} tokens`, spread(rate, 0)];
    table('Scoring with the embedded model, 1 thread, one call', ['what', 'tokens/s'], [cells]);
  },
  speculation({ byHeart, told }) {
    const columns = ['plain, tokens/s', 'speculating, tokens/s', 'ratio', 'drafted tokens accepted'];
    const figures = ({ plain, speculating, times, draftTokens, acceptedDraftTokens }) => [
      ...[rate(plain), rate(speculating), timesOf(times)],
      draftTokens === undefined ? '' : `${acceptedDraftTokens} of ${draftTokens}`,
    ];
    withFailures(
      "Prompt lookup, GPT-2 124M, 1 thread, texts that the model knows by heart; bound: plain lookup's tokens a pass",
      ['weights', 'text', 'tokens', 'bound', ...columns],
      byHeart,
      ({ weights, name, count, bound }) => [weights, name, String(count), bound?.toFixed(2) ?? ''],
      figures,
    );
    withFailures(
      'Stories of the embedded model, 1 thread',
      ['weights', 'drafts by', ...columns],
      told,
      ({ weights, drafter }) => [weights, drafter],
      figures,
    );
  },
};

const rate = (summary) => (summary === undefined ? '' : spread(summary));
const timesOf = (summary) => (summary === undefined ? '' : spread(summary, 2));

/** A table, and below it why rows lack figures. */
function withFailures(title, columns, rows, names, figures) {
  table(
    title,
    columns,
    rows.map((row) => [...names(row), ...figures(row)]),
  );
  const failed = rows.filter(({ failure }) => failure !== undefined);
  const reasons = new Set(failed.map(({ failure }) => failure));
  if (reasons.size > 0) console.log('\nWithout all figures:\n');
  for (const reason of reasons) {
    const these = failed.filter(({ failure }) => failure === reason);
    console.log(`- ${these.map((row) => names(row).slice(0, 2).join(' ')).join('; ')}: ${reason}`);
  }
}
