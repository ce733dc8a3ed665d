// The masks of formats over GPT-2's vocabulary: measure_masks.mjs REPEATS -> a JSON line.

import { loadTokenizer } from '../../../build/esm/index.js';
import { compile } from '../../../build/js/src/generate/constraints/compile_format.js';
import { Constraint } from '../../../build/js/src/generate/constraints/constraint.js';
import { FormatAutomaton } from '../../../build/js/src/generate/constraints/format_automaton.js';
import { summary } from '../stats.mjs';
import { MASK_CASES } from './mask_cases.mjs';

/** The number of GPT-2's logits. */
const VOCABULARY = 50_257;

/**
 * Writes the texts of each case token by token, `repeats` times with a format that is compiled anew, and then once more
 * with the same one, which knows many masks by then. A figure is the time to find a mask and to apply it to the logits:
 * of all tokens on average, and of the slowest one, in microseconds.
 */
async function measureMasks(repeats) {
  const tokenizer = await loadTokenizer(new URL('../../../tests/fixtures/gpt2-tokenizer/', import.meta.url));
  const logits = new Float32Array(VOCABULARY);
  const write = (format, text) => {
    const settings = {
      format,
      tokenizer,
      vocabSize: VOCABULARY,
      endTokens: [VOCABULARY - 1],
      healed: new Uint8Array(0),
    };
    const constraint = new Constraint(settings);
    return tokenizer.encode(text).map((id) => {
      logits.fill(1);
      const start = performance.now();
      constraint.apply(logits);
      const time = 1000 * (performance.now() - start);
      constraint.push(id);
      return time;
    });
  };
  const rows = [];
  for (const { name, definition, texts } of MASK_CASES) {
    const figures = { compileMs: [], average: [], slowest: [], laterAverage: [], laterSlowest: [] };
    for (let round = -2; round < repeats; round++) {
      const start = performance.now();
      // A changed definition, so that the format is not the one that was compiled before.
      const compiled = await compile({ ...definition, ...other(definition, round) });
      const compileMs = performance.now() - start;
      if (!(compiled instanceof FormatAutomaton)) throw new Error('compile gives another class');
      const [first, later] = [0, 1].map(() =>
        texts.flatMap((text) => {
          if (!compiled.accepts(text)) throw new Error(`${name} does not accept ${text}`);
          return write(compiled, text);
        }),
      );
      if (round < 0) continue;
      const average = (times) => times.reduce((sum, time) => sum + time, 0) / times.length;
      figures.compileMs.push(compileMs);
      figures.average.push(average(first));
      figures.slowest.push(Math.max(...first));
      figures.laterAverage.push(average(later));
      figures.laterSlowest.push(Math.max(...later));
    }
    const summaries = Object.entries(figures).map(([figure, values]) => [figure, summary(values)]);
    rows.push({
      name,
      tokens: texts.flatMap((text) => tokenizer.encode(text)).length,
      ...Object.fromEntries(summaries),
    });
  }
  return rows;
}

/** Fields that change a definition in each round, so that it is compiled again; its texts stay valid. */
function other({ regex, jsonSchema, grammar, choices }, round) {
  const mark = `round ${round}`;
  if (regex !== undefined) return { regex: `${regex}|${mark}` };
  if (jsonSchema !== undefined) return { jsonSchema: { ...jsonSchema, $comment: mark } };
  if (grammar !== undefined) return { grammar: `${grammar}\n# ${mark}\n` };
  return { choices: [...choices, mark] };
}

console.log(JSON.stringify(await measureMasks(Number(process.argv[2]))));
