import type { Pacer } from './pacer.ts';
import type { QueryRequest } from './query-worker.ts';

/** The worker's short runs, taken in turn between callers. */
export interface QueryRuns {
  /** `amount`: the work in this run, from which the pacer learns. */
  run<T>(request: QueryRequest, signal?: AbortSignal, amount?: { kind: string; units: number }): Promise<T>;
  pacer: Pacer;
  /** Clips that a run scores at most. */
  mostClips: number;
}
