import type { SplitFigures } from './split-figures.ts';
import type { Failure } from './take-in.ts';

/** All that was found; what `--json` writes. */
export interface Evaluation {
  model: { name: string; fingerprint: string };
  /** What the model read around the labels; empty: nothing. */
  templates: string[];
  labelSet: string | null;
  failures: Failure[];
  /** Files that lie outside the folders of the labels. */
  unlabelled: string[];
  splits: SplitFigures[];
}
