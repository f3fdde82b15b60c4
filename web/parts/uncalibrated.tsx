import { useModel } from '../api/use-model.ts';

/** Says what relevance is worth with a model for which it was never fitted; nothing with others. */
export function Uncalibrated() {
  if (useModel()?.calibrated !== false) return null;
  return (
    <p class="small muted">
      Relevance was not calibrated for this model: what is higher fits better, but no figure says that it
      fits.
    </p>
  );
}
