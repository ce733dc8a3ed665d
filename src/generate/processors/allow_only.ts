/** Bans all tokens in `logits` [V] but those of `ids`. */
export function allowOnly(ids: ArrayLike<number>, logits: Float32Array): void {
  const kept = new Float32Array(ids.length);
  for (let i = 0; i < ids.length; i++) kept[i] = logits[ids[i]!]!;
  logits.fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < ids.length; i++) logits[ids[i]!] = kept[i]!;
}
