import { useState } from 'preact/hooks';
import type { ClassifyQuery } from '../api/documents.ts';
import { percent } from '../parts/format.ts';
import { Uncalibrated } from '../parts/uncalibrated.tsx';

/** Labels that are shown at first. */
const SHOWN = 8;

/** How probable each label is, as bars, and how sure it is that none of them holds. */
export function LabelScores({ answer }: { answer: ClassifyQuery['classifyVideo'] }) {
  const { labels, noneOfThese, approximate } = answer;
  const [all, setAll] = useState(false);
  return (
    <>
      <table class="scores">
        <thead>
          <tr>
            <th scope="col">Label</th>
            <th scope="col" class="scores-number">
              among these
            </th>
            <th scope="col" class="scores-number">
              by itself
            </th>
          </tr>
        </thead>
        <tbody>
          {(all ? labels : labels.slice(0, SHOWN)).map(({ label, probability, confidence }) => (
            <tr key={label}>
              <th scope="row">
                {label}
                <Bar share={probability} />
              </th>
              <td class="numbers scores-number">{percent(probability)}</td>
              <td class="numbers scores-number muted">{percent(confidence)}</td>
            </tr>
          ))}
          <tr class="scores-none">
            <th scope="row">
              none of these
              <Bar share={noneOfThese} />
            </th>
            <td />
            <td class="numbers scores-number">{percent(noneOfThese)}</td>
          </tr>
        </tbody>
      </table>
      {labels.length > SHOWN && !all && (
        <div>
          <button type="button" onClick={() => setAll(true)}>
            Show all {labels.length}
          </button>
        </div>
      )}
      <Uncalibrated />
      {approximate && <p class="small muted">These are estimates: its patch features are not kept.</p>}
    </>
  );
}

const Bar = ({ share }: { share: number }) => (
  <span class="scores-bar" aria-hidden="true">
    <span style={{ width: `${share * 100}%` }} />
  </span>
);
