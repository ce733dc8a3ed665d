/** The lowest index of the largest value. */
export function argmax(values: StaticArray<f32>): i32 {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

/** ln(sum(exp(values))) */
export function logSumExp(values: StaticArray<f32>): f64 {
  const largest = <f64>values[argmax(values)];
  let total: f64 = 0;
  for (let i = 0; i < values.length; i++) total += Math.exp(<f64>values[i] - largest);
  return largest + Math.log(total);
}

/** softmax(values / temperature) */
export function softmax(values: StaticArray<f32>, temperature: f64): StaticArray<f64> {
  const largest = <f64>values[argmax(values)];
  const out = new StaticArray<f64>(values.length);
  let total: f64 = 0;
  for (let i = 0; i < values.length; i++) {
    out[i] = Math.exp((<f64>values[i] - largest) / temperature);
    total += out[i];
  }
  for (let i = 0; i < values.length; i++) out[i] /= total;
  return out;
}

/**
 * All indices, largest values first, equal ones by lower index: a stable insertion sort.
 */
export function ranking(values: StaticArray<f32>): StaticArray<i32> {
  const ids = new StaticArray<i32>(values.length);
  for (let i = 0; i < values.length; i++) {
    let at = i;
    for (; at > 0 && values[ids[at - 1]] < values[i]; at--) ids[at] = ids[at - 1];
    ids[at] = i;
  }
  return ids;
}

/** The sum of values[first] up to values[end - 1]. */
export function sum(values: StaticArray<f32>, first: i32, end: i32): f64 {
  let total: f64 = 0;
  for (let i = first; i < end; i++) total += <f64>values[i];
  return total;
}

/** Rank of entry `id`: 1 for the largest value, equal ones by lower index. */
export function rank(values: StaticArray<f32>, id: i32): i32 {
  let before = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] > values[id] || (values[i] == values[id] && i < id)) before++;
  }
  return before + 1;
}

/** Entropy of softmax(values), in nats: -sum(p ln p). */
export function entropy(values: StaticArray<f32>): f64 {
  const probabilities = softmax(values, 1);
  let total: f64 = 0;
  for (let i = 0; i < values.length; i++) {
    if (probabilities[i] > 0) total -= probabilities[i] * Math.log(probabilities[i]);
  }
  return total;
}

/** Variance of ln p under p = softmax(values), in square nats: sum(p (ln p + entropy)^2). */
export function variance(values: StaticArray<f32>): f64 {
  const probabilities = softmax(values, 1);
  const mean = -entropy(values);
  let total: f64 = 0;
  for (let i = 0; i < values.length; i++) {
    const p = probabilities[i];
    if (p > 0) total += p * (Math.log(p) - mean) * (Math.log(p) - mean);
  }
  return total;
}
