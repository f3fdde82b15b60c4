import { lost } from '../api/connection.ts';
import { bytes, percent, plural } from '../parts/format.ts';
import { cancelAllSending, cancelSending, type Sending, sendAgain, sending } from './uploads.ts';

/** Files that are shown at once: a folder may have brought thousands. */
const SHOWN = 30;
const ORDER: Sending['state'][] = ['SENDING', 'FAILED', 'WAITING'];

/** The files on their way to the server. */
export function SendingList() {
  const all = sending.value;
  if (all.length === 0) return null;
  const shown = ORDER.flatMap((state) => all.filter((one) => one.state === state)).slice(0, SHOWN);
  return (
    <section class="stack" aria-labelledby="sending-title">
      <div class="row">
        <h2 id="sending-title">On their way</h2>
        {all.length > 1 && (
          <button type="button" onClick={cancelAllSending}>
            Cancel all {all.length.toLocaleString('en')}
          </button>
        )}
      </div>
      <ul class="jobs">
        {shown.map((one) => (
          <SendingRow key={one.id} sending={one} />
        ))}
      </ul>
      {all.length > SHOWN && <p class="muted">and {plural(all.length - SHOWN, 'more file')}</p>}
    </section>
  );
}

function SendingRow({ sending: { id, file, sent, state, error } }: { sending: Sending }) {
  const share = file.size > 0 ? sent / file.size : 0;
  return (
    <li class="job panel">
      <div class="job-head">
        <strong class="job-name">{file.name}</strong>
        <span class="muted small numbers">
          {state === 'WAITING' && 'waits for its turn'}
          {state === 'SENDING' && `${bytes(sent)} of ${bytes(file.size)}`}
          {state === 'SENDING' && lost.value && ', goes on when the server is back'}
        </span>
      </div>
      {state === 'SENDING' && (
        <progress value={share} aria-label={`Sending ${file.name}`}>
          {percent(share)}
        </progress>
      )}
      {state === 'FAILED' && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      <div class="row">
        {state === 'FAILED' && (
          <button type="button" onClick={() => sendAgain(id)}>
            Try again<span class="hidden"> with {file.name}</span>
          </button>
        )}
        <button type="button" onClick={() => cancelSending(id)}>
          {state === 'FAILED' ? 'Remove' : 'Cancel'}
          <span class="hidden"> {file.name}</span>
        </button>
      </div>
    </li>
  );
}
