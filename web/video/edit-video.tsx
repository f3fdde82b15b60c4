import { useMutation } from '@urql/preact';
import type { TargetedSubmitEvent } from 'preact';
import { useRef } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { plainly } from '../api/client.ts';
import { DeleteVideoDocument, UpdateVideoDocument, type VideoCardFragment } from '../api/documents.ts';

/** Changes a video's title and tags, or removes it. */
export function EditVideo({ video, refresh }: { video: VideoCardFragment; refresh: () => void }) {
  const [updating, update] = useMutation(UpdateVideoDocument);
  const [deleting, remove] = useMutation(DeleteVideoDocument);
  const [, navigate] = useLocation();
  const form = useRef<HTMLDetailsElement>(null);
  const trouble = updating.error ?? deleting.error;

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const tags = `${given.get('tags')}`
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== '');
    const { error } = await update({ id: video.id, input: { title: `${given.get('title')}`, tags } });
    if (error) return;
    if (form.current) form.current.open = false;
    refresh();
  }

  async function removeIt() {
    if (!confirm(`Remove “${video.title}” from the library? A file that was uploaded is deleted.`)) return;
    const { error } = await remove({ id: video.id });
    if (!error) navigate('/', { replace: true });
  }

  return (
    <details ref={form}>
      <summary>Change or remove it</summary>
      <form class="stack" onSubmit={submit}>
        <label class="field">
          Title
          <input name="title" required defaultValue={video.title} />
        </label>
        <label class="field">
          Tags, separated by commas
          <input name="tags" defaultValue={video.tags.join(', ')} />
        </label>
        {trouble && (
          <p class="error" role="alert">
            {plainly(trouble)}
          </p>
        )}
        <div class="row">
          <button class="primary" type="submit" disabled={updating.fetching}>
            Save
          </button>
          <button class="danger" type="button" disabled={deleting.fetching} onClick={removeIt}>
            Remove the video
          </button>
        </div>
      </form>
    </details>
  );
}
