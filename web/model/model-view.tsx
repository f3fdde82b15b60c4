import './model.css';
import { useQuery } from '@urql/preact';
import { useEffect } from 'preact/hooks';
import { askAnew } from '../api/connection.ts';
import { ModelsDocument, type ModelsQuery } from '../api/documents.ts';
import { useModel } from '../api/use-model.ts';
import { Trouble } from '../parts/trouble.tsx';
import { ViewTitle } from '../parts/view-title.tsx';
import { ChangeModel } from './change-model.tsx';
import { ModelCard } from './model-card.tsx';

/** Milliseconds between two looks: while something is under way, and else. */
const LOOK_EVERY = { busy: 1000, quiet: 15_000 };

const busy = (models: ModelsQuery['models']): boolean =>
  models.some(
    ({ state, incoming, active, coverage }) =>
      state === 'FETCHING' || state === 'LOADING' || incoming || (active && coverage < 1),
  );

/** The models of the library: which one answers, what it knows, and how far a change is. */
export function ModelView() {
  const [{ data, error }, again] = useQuery({ query: ModelsDocument });
  const every = data && busy(data.models) ? LOOK_EVERY.busy : LOOK_EVERY.quiet;
  useEffect(() => {
    const timer = setInterval(() => again({ requestPolicy: 'network-only' }), every);
    return () => clearInterval(timer);
  }, [every, again]);

  // This view looks more often than the page does.
  const seen = data?.models.find(({ active }) => active)?.fingerprint;
  const known = useModel()?.fingerprint;
  useEffect(() => {
    if (seen && known && seen !== known) askAnew();
  }, [seen, known]);

  return (
    <>
      <ViewTitle title="Model">Model</ViewTitle>
      {error && !data && <Trouble error={error} />}
      {data && (
        <>
          <ul class="stack">
            {data.models.map((model) => (
              <ModelCard key={model.fingerprint || model.name} model={model} />
            ))}
          </ul>
          <ChangeModel
            bundled={data.models[0]?.bundled ?? false}
            onChange={() => again({ requestPolicy: 'network-only' })}
          />
        </>
      )}
    </>
  );
}
