import { printMachine, spread, table } from '../markdown.mjs';
import { GROWTH } from './arithmetic.mjs';
import { MIX } from './mix.mjs';
import { MOST_FIRST_MS } from './window.mjs';

/** Prints the results of `run` as Markdown. */
export function print({ machine, model, weights, build, parts, megabytes, audience, minutes }) {
  printMachine(machine);
  console.log(`Model: ${model}${weights === undefined ? '' : `, ${weights}`}, ${build} build; one thread`);
  for (const [name, part] of Object.entries(parts)) PRINTERS[name](part);
  if (megabytes !== undefined) {
    const most = megabytes.most === undefined ? '' : `, at most ${megabytes.most.toFixed(0)} MB`;
    console.log(`\nMemory of the process: ${megabytes.loaded.toFixed(0)} MB when loaded${most}.`);
  }
  if (audience !== undefined) {
    const { users, requestsPerDay, peakFactor, cores } = audience;
    console.log(
      `${users.toLocaleString('en')} users a day, ${requestsPerDay} requests each, ${peakFactor} times the mean at the busiest time: ${cores} cores.`,
    );
  }
  console.log(`\n${minutes.toFixed(1)} minutes.`);
}

const PRINTERS = {
  rates({ seconds, windows, held }) {
    table(
      `Requests at Poisson times, ${seconds} s at each rate`,
      [
        ...['requests/s', 'requests', 'first token ms, p50', 'p95', 'p99', 'between tokens ms, p50', 'p95'],
        ...[
          'tokens/s',
          'in the system, middle',
          'end',
          '/health ms, p95',
          'cores busy',
          'MB',
          'failed',
          'missed',
        ],
      ],
      windows.map(({ rate, requests, first, between, tokensPerSecond, queue, health, ...row }) => [
        ...[rate.toFixed(2), String(requests)],
        ...[first.p50, first.p95, first.p99, between.p50, between.p95, tokensPerSecond].map(whole),
        ...[queue.middle, queue.end].map((count) => count.toFixed(1)),
        ...[whole(health.p95), row.processor?.toFixed(2) ?? '', row.megabytes?.toFixed(0) ?? ''],
        ...[String(row.failures.length), row.missed.join(', ')],
      ]),
    );
    const { words, system, answer } = MIX;
    console.log(
      [
        '',
        `Mix, all streams: ${percent(MIX.chats)} chats with one of ${system.count} system prompts of ${system.words} words and a message of ${words.join(' to ')} words;`,
        `${percent(1 - MIX.chats)} completions of ${words.join(' to ')} words, ${percent(MIX.sharedCompletions)} of which begin with such a system prompt too.`,
        `Answers of ${answer.join(' to ')} tokens.`,
        `A rate is held if 95 % of first tokens come within ${MOST_FIRST_MS} ms, no request fails, and the mean number of requests in the system`,
        `in the last quarter is at most ${GROWTH.factor} times that in the second quarter plus ${GROWTH.requests}.`,
        '',
        held === undefined
          ? 'No rate was held.'
          : `Highest rate that was held: ${held.rate.toFixed(2)} requests/s, ${held.perCore.toFixed(2)} a core.`,
      ].join('\n'),
    );
  },
  streams(rows) {
    table(
      'Streams at once, 64 tokens each after 6 words',
      ['streams', 'tokens/s together', 'x one'],
      rows.map(({ count, rate, timesOne }) => [String(count), spread(rate), spread(timesOne, 2)]),
    );
  },
  repeated({ prompt, shared, fresh, cached }) {
    table(
      `Time to the first token of prompts of ${prompt} tokens`,
      ['new prompt, ms', `first ${shared} tokens seen before, ms`],
      [[spread(fresh), spread(cached)]],
    );
  },
};

const whole = (value) => value.toFixed(0);
const percent = (share) => `${(100 * share).toFixed(0)} %`;
