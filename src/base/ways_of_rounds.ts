/** The ways of some rounds that each have so many, multiplied one by one: engines differ in the last bits of powers. */
export function waysOfRounds(ways: number, rounds: number): number {
  let product = 1;
  for (let round = 0; round < rounds && product < Number.POSITIVE_INFINITY; round++) product *= ways;
  return product;
}
