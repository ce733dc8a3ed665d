// Makes waits of the package a millisecond long at most: imported before all that may wait.
import timers from 'node:timers';

const { setTimeout } = timers;
timers.setTimeout = ((act: () => void, ms = 0) => setTimeout(act, Math.min(1, ms))) as typeof setTimeout;
