/**
 * Error function by its series of positive terms, 2 / sqrt(pi) e^(-x^2) sum of 2^n x^(2n + 1) / (2n + 1)!!.
 */
export function erf(x: f64): f64 {
  if (Math.abs(x) > 6) return Math.sign(x); // the rest is below 3e-17
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / <f64>(2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

export function geluTanh(x: f64): f64 {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
}

export function geluErf(x: f64): f64 {
  return 0.5 * x * (1 + erf(x / Math.sqrt(2)));
}

export function relu(x: f64): f64 {
  return x > 0 ? x : 0;
}

export function sigmoid(x: f64): f64 {
  return 1 / (1 + Math.exp(-x));
}

export function silu(x: f64): f64 {
  return x * sigmoid(x);
}

export function tanh(x: f64): f64 {
  return Math.tanh(x);
}

/** Derivatives of the activations. */
export function geluTanhSlope(x: f64): f64 {
  const u = Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
  const t = Math.tanh(u);
  const slope = Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
  return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * slope;
}

export function geluErfSlope(x: f64): f64 {
  return 0.5 * (1 + erf(x / Math.sqrt(2))) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

export function reluSlope(x: f64): f64 {
  return x > 0 ? 1 : 0;
}

export function siluSlope(x: f64): f64 {
  const s = sigmoid(x);
  return s + x * s * (1 - s);
}

export function tanhSlope(x: f64): f64 {
  return 1 - Math.tanh(x) * Math.tanh(x);
}
