/**
 * DESIGN's definition of sampling, word for word and in exact integers: which frame each of T instants of each clip gets.
 * @param times presentation times in milliseconds, ascending
 * @param usable frames that can be decoded
 */
export function sampledFrames(times: number[], T: number, usable = times.map((_, n) => n)): number[][] {
  const first = times[0] as number;
  const gaps = times
    .slice(1)
    .map((time, n) => time - (times[n] as number))
    .sort((a, b) => a - b);
  const [low, high] = [gaps[(gaps.length - 1) >> 1] as number, gaps[gaps.length >> 1] as number];
  const doubled = 2 * ((times.at(-1) as number) - first) + low + high; // twice the duration
  const clips = Math.max(1, Math.round(doubled / 20_000));
  return Array.from({ length: clips }, (_, k) =>
    Array.from({ length: T }, (_, i) => {
      // t − t0 ≥ duration · (k + (i + ½) / T) / clips, both sides times 4 · T · clips
      const instant = doubled * (2 * (k * T + i) + 1);
      const found = usable.find((n) => ((times[n] as number) - first) * 4 * T * clips >= instant);
      return found ?? (usable.at(-1) as number);
    }),
  );
}
