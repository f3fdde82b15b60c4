export interface CorpusFile {
  /** What the file is called when it is sent. */
  name: string;
  path: string;
  kind: string;
  /** `VIDEO` or an error code; null when it is not certain. */
  outcome: string | null;
}

export function makeCorpus(folder: string, seed: number): Promise<CorpusFile[]>;
