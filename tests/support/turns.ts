/** Counts turns of the event loop from the call on. */
export function countTurns(): { taken(): number; stop(): void } {
  let turns = 0;
  let stopped = false;
  const turn = () => {
    turns++;
    if (!stopped) setImmediate(turn);
  };
  setImmediate(turn);
  return {
    taken: () => turns,
    stop: () => {
      stopped = true;
    },
  };
}
