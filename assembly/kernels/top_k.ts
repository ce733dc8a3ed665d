/** Whether entry i comes after entry j in the order of `topK`: smaller, or equal with a higher index. */
// @ts-ignore: decorator
@inline
function after(values: usize, i: i32, j: i32): bool {
  const a = load<f32>(values + ((<usize>i) << 2));
  const b = load<f32>(values + ((<usize>j) << 2));
  return a < b || (a == b && i > j);
}

/** Moves the entry at `at` down the heap, whose root is the entry that comes last. */
function sink(heap: usize, values: usize, at: i32, size: i32): void {
  const entry = load<i32>(heap + ((<usize>at) << 2));
  for (;;) {
    let child = 2 * at + 1;
    if (child >= size) break;
    let below = load<i32>(heap + ((<usize>child) << 2));
    if (child + 1 < size) {
      const right = load<i32>(heap + ((<usize>(child + 1)) << 2));
      if (after(values, right, below)) {
        below = right;
        child++;
      }
    }
    if (!after(values, below, entry)) break;
    store<i32>(heap + ((<usize>at) << 2), below);
    at = child;
  }
  store<i32>(heap + ((<usize>at) << 2), entry);
}

/** ids[k] = indices of the k largest of n f32, largest first, equal ones by lower index; 1 <= k <= n. */
export function topK(ids: usize, values: usize, n: i32, k: i32): void {
  for (let i = 0; i < k; i++) store<i32>(ids + ((<usize>i) << 2), i);
  for (let i = (k >> 1) - 1; i >= 0; i--) sink(ids, values, i, k);
  let i = k;
  while (i < n) {
    const least = f32x4.splat(load<f32>(values + ((<usize>load<i32>(ids)) << 2)));
    while (i + 4 <= n && !v128.any_true(f32x4.gt(v128.load(values + ((<usize>i) << 2)), least))) i += 4;
    for (const end = min(i + 4, n); i < end; i++) {
      if (after(values, load<i32>(ids), i)) {
        store<i32>(ids, i);
        sink(ids, values, 0, k);
      }
    }
  }
  for (let size = k - 1; size > 0; size--) {
    const last = load<i32>(ids);
    store<i32>(ids, load<i32>(ids + ((<usize>size) << 2)));
    sink(ids, values, 0, size);
    store<i32>(ids + ((<usize>size) << 2), last);
  }
}
