import { stringifyDocument } from '@urql/core';
import type { TargetedSubmitEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Access, AccessDocument } from './api/documents.ts';
import { asking, bearer, decline, signIn } from './api/session.ts';

/** Asks for the token that what was tried needs; kept for this tab's session. */
export function TokenDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [trouble, setTrouble] = useState('');
  const wanted = asking.value;

  useEffect(() => {
    if (wanted && !dialog.current?.open) dialog.current?.showModal();
    if (!wanted) dialog.current?.close();
    setTrouble('');
  }, [wanted]);

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = `${new FormData(event.currentTarget).get('token')}`.trim();
    const allows = await accessOf(given).catch(() => 'UNREACHABLE' as const);
    if (allows === 'UNREACHABLE') setTrouble('The server does not answer. Try again in a while.');
    else if (allows === null) setTrouble('The server does not know this token.');
    else if (allows === 'READ' && wanted === 'ADMIN') setTrouble('This is not the admin token.');
    else signIn(given);
  }

  return (
    <dialog ref={dialog} onClose={() => asking.value && decline()} aria-labelledby="token-title">
      <form class="stack" onSubmit={submit}>
        <h2 id="token-title">{wanted === 'ADMIN' ? 'The admin token' : 'This library asks for a token'}</h2>
        <p class="muted small">
          {wanted === 'ADMIN'
            ? 'Adding and changing videos needs it. The server says at its start where it is: usually in the file data/admin-token.'
            : 'Ask whoever runs the server for the read token. The admin token will do, too.'}{' '}
          It is kept until this tab is closed.
        </p>
        <label class="field">
          Token
          <input name="token" type="password" autocomplete="off" required aria-describedby="token-trouble" />
        </label>
        <p id="token-trouble" role="alert" class={trouble ? 'error' : ''}>
          {trouble}
        </p>
        <div class="row">
          <button class="primary" type="submit">
            Go on
          </button>
          <button type="button" onClick={decline}>
            Not now
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** What a token allows; null when it is none of the server's. */
async function accessOf(token: string): Promise<Access | null> {
  // Header values are Latin-1; no token of the server's has anything else.
  if (!/^[\x21-\x7e]+$/.test(token)) return null;
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(token) },
    body: JSON.stringify({ query: stringifyDocument(AccessDocument) }),
  });
  const { data } = await response.json();
  return data?.access ?? null;
}
