import './ingest.css';
import { useClient } from '@urql/preact';
import type { TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { isUnauthenticated, plainly } from '../api/client.ts';
import { IngestVideoDocument } from '../api/documents.ts';
import { asking, token } from '../api/session.ts';
import { send } from './uploads.ts';

/** Takes files and links; then shows how they fare. Files that are dropped, wherever on the page, are taken anyway. */
export function AddVideos() {
  const [, navigate] = useLocation();
  return (
    <div class="stack">
      <label class="drop">
        <span>
          <strong>Drop videos or folders here</strong>, or <span class="drop-choose">choose them</span>
        </span>
        <input
          type="file"
          class="hidden"
          multiple
          onChange={({ currentTarget }) => {
            if (!currentTarget.files?.length) return;
            send(currentTarget.files);
            currentTarget.value = '';
            navigate('/ingest');
          }}
        />
      </label>
      <Links />
    </div>
  );
}

/** Takes links, one a line; those that the server does not take stay, with the reason. */
function Links() {
  const client = useClient();
  const [, navigate] = useLocation();
  const [text, setText] = useState('');
  const [trouble, setTrouble] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!token.value) {
      asking.value = 'ADMIN';
      return;
    }
    setBusy(true);
    const refused: { url: string; why: string }[] = [];
    const lines = text.split('\n').map((line) => line.trim());
    for (const url of lines.filter((line) => line !== '')) {
      const { error } = await client.mutation(IngestVideoDocument, { input: { url } }).toPromise();
      if (error) refused.push({ url, why: isUnauthenticated(error) ? '' : plainly(error) });
    }
    setBusy(false);
    setText(refused.map(({ url }) => url).join('\n'));
    setTrouble(refused.filter(({ why }) => why !== '').map(({ url, why }) => `${url}: ${why}`));
    if (refused.length === 0) navigate('/ingest');
  }

  return (
    <form class="stack" onSubmit={submit}>
      <label class="field">
        Links to videos, one a line
        <textarea
          rows={2}
          required
          value={text}
          placeholder="https://example.org/video.mp4"
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      {trouble.length > 0 && (
        <ul class="error" role="alert">
          {trouble.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      <div>
        <button type="submit" disabled={busy}>
          Fetch them
        </button>
      </div>
    </form>
  );
}
