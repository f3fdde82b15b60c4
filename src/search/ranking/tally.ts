/** What was done for an answer, counted while it is made. */
export interface Tally {
  /** Text–clip pairs that were scored. */
  scored: number;
  /** Whether a clip was scored without its patch features. */
  approximate: boolean;
  /** Whether the nearest clips came from an index, so that one might have been missed. */
  index: boolean;
}

export const newTally = (): Tally => ({ scored: 0, approximate: false, index: false });
