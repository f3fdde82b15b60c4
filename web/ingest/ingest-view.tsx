import './ingest.css';
import { useState } from 'preact/hooks';
import { asking, signOut, token, useAdmin } from '../api/session.ts';
import { ViewTitle } from '../parts/view-title.tsx';
import { AddVideos } from './add-videos.tsx';
import { IngestionList } from './ingestion-list.tsx';
import { SendingList } from './sending-list.tsx';

/** Adds videos, and shows how those that were added fare. */
export function IngestView() {
  const admin = useAdmin();
  const [news, setNews] = useState('');
  return (
    <>
      <ViewTitle title="Ingest">Ingest</ViewTitle>
      <section class="panel stack" aria-label="Add videos">
        <AddVideos />
        {admin === true ? (
          <p class="row small muted">
            You may change this library.
            <button type="button" onClick={signOut}>
              Forget the token
            </button>
          </p>
        ) : (
          admin === false && (
            <p class="row small muted">
              Adding videos needs the admin token.
              <button type="button" onClick={() => (asking.value = 'ADMIN')}>
                {token.value ? 'Give another token' : 'Give the token'}
              </button>
            </p>
          )
        )}
      </section>
      <SendingList />
      <IngestionList admin={admin === true} onNews={setNews} />
      <p role="status" class="hidden">
        {news}
      </p>
    </>
  );
}
