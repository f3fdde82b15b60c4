import { Link } from 'wouter-preact';
import type { ModelsQuery } from '../api/documents.ts';
import { percent, plural } from '../parts/format.ts';

type Model = ModelsQuery['models'][number];

const STATES: Record<Model['state'], string> = {
  FETCHING: 'Its files are being fetched',
  LOADING: 'It is being loaded',
  READY: 'Ready',
  FAILED: 'It cannot be used',
};

/** A model: what it is and knows, how far it is, and how much of the library it has seen. */
export function ModelCard({ model }: { model: Model }) {
  const { name, active, incoming, bundled, state, progress, error, notice, coverage, embedded } = model;
  const role = active
    ? 'answers searches'
    : incoming
      ? 'takes over when all is embedded with it'
      : 'kept from before';
  return (
    <li class="panel stack">
      <div class="row">
        <h2 class="model-name">{name}</h2>
        <span class="tag">{role}</span>
      </div>
      {notice && <p class="notice">{notice}</p>}
      <p>
        {bundled
          ? 'It knows a drawn world: circles, squares, triangles, stars, rings and crosses, in eight colours, that stand, move, turn, grow, shrink, bounce or blink. Of real videos it knows nothing.'
          : 'It understands English texts about what people and things do, as far as its training went.'}
      </p>
      {(state !== 'READY' || error) && (
        <div class={state === 'FAILED' ? 'error stack' : 'stack'}>
          <p>
            {STATES[state]}
            {error && `: ${error}`}
          </p>
          {state !== 'READY' && state !== 'FAILED' && (
            <progress value={progress} aria-label={STATES[state]}>
              {percent(progress)}
            </progress>
          )}
        </div>
      )}
      <div class="stack model-coverage">
        <p>
          {plural(embedded, 'video')} embedded with it, <span class="numbers">{percent(coverage)}</span> of
          the library
        </p>
        <progress value={coverage} aria-label={`Embedded with ${name}`}>
          {percent(coverage)}
        </progress>
      </div>
      <NotEmbedded model={model} />
      <Facts model={model} />
    </li>
  );
}

function NotEmbedded({ model: { notEmbedded } }: { model: Model }) {
  if (notEmbedded.edges.length === 0) return null;
  return (
    <details>
      <summary>Videos that could not be embedded with it</summary>
      <ul>
        {notEmbedded.edges.map(({ node: { video, message } }) => (
          <li key={video?.id}>
            {video ? <Link href={`/videos/${video.id}`}>{video.title}</Link> : 'A video that was removed'}:{' '}
            {message}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Facts({ model }: { model: Model }) {
  const { frames, dimensions, precision, provider, sampling, calibrated, minRelevance, fingerprint } = model;
  const facts: [string, string | number][] = [
    ['Frames of each clip', frames || '–'],
    ['Numbers in an embedding', dimensions || '–'],
    ['Precision', `${precision} on ${provider}`],
    ['Sampling', sampling.toLowerCase()],
    [
      'Relevance',
      calibrated
        ? `calibrated; from ${percent(minRelevance)} on it counts as relevant`
        : 'not calibrated: only its order means something',
    ],
    ['Fingerprint', fingerprint.slice(0, 16) || '–'],
  ];
  return (
    <dl class="facts small">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt class="muted">{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
