/** A duration, in seconds, for people: "40 s", "12 min" or "2 h 5 min". */
export function humanTime(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'some time';
  if (seconds < 100) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
