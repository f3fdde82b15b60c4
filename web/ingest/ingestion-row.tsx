import { useMutation } from '@urql/preact';
import { Link } from 'wouter-preact';
import {
  CancelIngestionDocument,
  type IngestionRowFragment,
  RetryIngestionDocument,
} from '../api/documents.ts';
import { percent } from '../parts/format.ts';
import { Refusal } from '../parts/refusal.tsx';

/** What is being done, for people. */
const STAGES: Record<string, string> = {
  download: 'Fetching it',
  hash: 'Reading it',
  probe: 'Looking what it is',
  scenes: 'Finding its scenes',
  embed: 'Watching its clips',
};

interface Props {
  ingestion: IngestionRowFragment;
  admin: boolean;
  /** Gets the ingestion as it is after something was done to it. */
  onChange: (ingestion: IngestionRowFragment) => void;
}

/** An ingestion: how it goes, what went wrong, and what can be done. */
export function IngestionRow({ ingestion, admin, onChange }: Props) {
  const { id, state, progress, source, error, warnings, video } = ingestion;
  const [cancelling, cancel] = useMutation(CancelIngestionDocument);
  const [retrying, retry] = useMutation(RetryIngestionDocument);
  const trouble = cancelling.error ?? retrying.error;
  const going = state === 'QUEUED' || state === 'RUNNING';
  const mayRetry = state === 'CANCELLED' || (state === 'FAILED' && error?.retryable);

  return (
    <li class="job panel" data-state={state}>
      <div class="job-head">
        <strong class="job-name">
          {video ? <Link href={`/videos/${video.id}`}>{video.title}</Link> : source.name}
        </strong>
        <span class="small numbers job-state">{howItGoes(ingestion)}</span>
      </div>
      {state === 'RUNNING' && (
        <progress value={progress} aria-label={`Ingesting ${source.name}`}>
          {percent(progress)}
        </progress>
      )}
      {error && (
        <p class="error">
          {error.message} <span class="small muted">({error.code})</span>
        </p>
      )}
      <Refusal error={trouble} />
      {warnings.map((warning) => (
        <p key={warning.code} class="notice small">
          {warning.message}
        </p>
      ))}
      {admin && (going || mayRetry) && (
        <div class="row">
          {going && (
            <button
              type="button"
              disabled={cancelling.fetching}
              onClick={async () => {
                const { data } = await cancel({ id });
                if (data) onChange(data.cancelIngestion);
              }}
            >
              Cancel<span class="hidden"> {source.name}</span>
            </button>
          )}
          {mayRetry && (
            <button
              type="button"
              disabled={retrying.fetching}
              onClick={async () => {
                const { data } = await retry({ id });
                if (data) onChange(data.retryIngestion);
              }}
            >
              Try again<span class="hidden"> with {source.name}</span>
            </button>
          )}
        </div>
      )}
    </li>
  );
}

function howItGoes(ingestion: IngestionRowFragment): string {
  const { state, stage, progress, duplicate, retryAt, attempts, video } = ingestion;
  switch (state) {
    case 'QUEUED':
      return retryAt ? `Tried again at ${new Date(retryAt).toLocaleTimeString()}` : 'Waits for its turn';
    case 'RUNNING':
      return `${STAGES[stage ?? ''] ?? 'Working'}, ${percent(progress)}${attempts > 1 ? `, attempt ${attempts}` : ''}`;
    case 'SUCCEEDED':
      if (!video) return 'Was removed from the library later';
      return duplicate ? 'Was in the library already' : 'Can be searched';
    case 'FAILED':
      return 'Failed';
    case 'CANCELLED':
      return 'Cancelled';
  }
}
