const COLUMNS = ['runtime', 'version', 'where', 'build', 'threads', 'tokens/s', 'features', 'same bits'];

/** The digests of the cells, compared with those of the first cell with each feature. */
export class Matrix {
  #rows = [];
  /** The digest of each feature in the simd build, as it was first told. */
  #reference = {};
  #isQuick;
  /** Files that the first cell kept, for all others. */
  #given;

  /** `isQuick`: only cells that run all features. */
  constructor(seed, isQuick) {
    this.seed = seed;
    this.#isQuick = isQuick;
  }

  get cells() {
    return this.#rows.length;
  }

  get failed() {
    return this.#rows.filter(({ good }) => !good).length;
  }

  /**
   * Runs one cell: `tell` gets the input of its story. `only`: names of its features, all by default; `problem`: the reason
   * why it cannot run.
   */
  report = async ({ runtime, version = '', where = '', build = '', only, problem }, tell) => {
    if (this.#isQuick && only !== undefined) return;
    let row = {
      runtime,
      version,
      where,
      build,
      threads: '',
      rate: 0,
      features: '',
      verdict: problem,
      good: false,
    };
    if (problem === undefined) {
      try {
        row = { ...row, ...this.#judge(await tell({ seed: this.seed, given: this.#given, only })) };
      } catch (error) {
        row.verdict = `failed: ${lastError(error)}`;
      }
    }
    this.#rows.push(row);
    console.error(cellsOf(row).join(' '));
  };

  #judge({ digests, kept, build, threads = '', tokensPerSecond: rate = 0 }) {
    const features = Object.keys(digests);
    // Relaxed builds have last bits of their own, which is no failure.
    if (build === 'simd') {
      this.#reference = { ...digests, ...this.#reference };
      this.#given ??= kept;
    }
    const other = features.filter((name) => digests[name] !== this.#reference[name]);
    const good = features.length > 0 && (other.length === 0 || build !== 'simd');
    const differs = build === 'simd' ? `NO: ${other.join(', ')}` : 'other last bits';
    return {
      build,
      threads,
      rate,
      features: features.length,
      verdict: other.length > 0 ? differs : 'yes',
      good,
    };
  }

  /** Lines of a table, one for all cells of a runtime with the same verdict. */
  table() {
    const groups = new Map();
    for (const row of this.#rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
    const rows = Array.from(groups.values(), (group) => {
      const where = [...new Set(group.map((row) => row.where))].join(', ');
      const most = (name) => group.map((row) => row[name]).reduce((a, b) => (a > b ? a : b));
      return cellsOf({ ...group[0], where, rate: most('rate'), features: most('features') });
    });
    return [COLUMNS, COLUMNS.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  }
}

function keyOf({ runtime, version, build, threads, verdict }) {
  return JSON.stringify([runtime, version, build, threads, verdict]);
}

function cellsOf({ runtime, version, where, build, threads, rate, features, verdict }) {
  return [runtime, version, where, build, threads, rate > 0 ? Math.round(rate) : '', features, verdict];
}

/** The line of a message that says what is wrong: programs print source code and stacks around it. */
function lastError({ message, killed }) {
  if (killed) return 'it took too long and was ended';
  const lines = String(message).split('\n');
  return lines.find((line) => /^\s*(?:\[?\w*Error\b|error:)/.test(line)) ?? lines[0];
}
