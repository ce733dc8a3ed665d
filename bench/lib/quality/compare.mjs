/**
 * Two distributions over the next token, given as logits [V]: the loss of the token that follows under each (nats),
 * the KL divergence of `got` from `wanted`, and whether their likeliest tokens are the same.
 */
export function compare(wanted, got, next) {
  const [reference, other] = [logSumExp(wanted), logSumExp(got)];
  let divergence = 0;
  for (let id = 0; id < wanted.length; id++) {
    const logProbability = wanted[id] - reference.value;
    divergence += Math.exp(logProbability) * (logProbability - (got[id] - other.value));
  }
  return {
    referenceLoss: reference.value - wanted[next],
    loss: other.value - got[next],
    divergence,
    agrees: reference.top === other.top,
  };
}

function logSumExp(logits) {
  let top = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id] > logits[top]) top = id;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - logits[top]);
  return { value: logits[top] + Math.log(sum), top };
}
