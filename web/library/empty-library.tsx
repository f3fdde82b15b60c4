import { AddVideos } from '../ingest/add-videos.tsx';

/** What a library without videos shows: how to fill it. */
export function EmptyLibrary() {
  return (
    <section class="stack empty-library" aria-labelledby="empty-title">
      <h2 id="empty-title">There are no videos yet</h2>
      <p class="muted">
        Drop some here. They stay on this server; a minute later you can ask what happens in them.
      </p>
      <AddVideos />
    </section>
  );
}
