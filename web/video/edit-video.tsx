import { useMutation } from '@urql/preact';
import type { TargetedSubmitEvent } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { DeleteVideoDocument, UpdateVideoDocument, type VideoCardFragment } from '../api/documents.ts';
import { Chips, withTyped } from '../parts/chips.tsx';
import { Refusal } from '../parts/refusal.tsx';

/** Changes a video's title and tags, or removes it. */
export function EditVideo({ video, refresh }: { video: VideoCardFragment; refresh: () => void }) {
  const [updating, update] = useMutation(UpdateVideoDocument);
  const [deleting, remove] = useMutation(DeleteVideoDocument);
  const [, navigate] = useLocation();
  const [tags, setTags] = useState(video.tags);
  const form = useRef<HTMLDetailsElement>(null);
  const trouble = updating.error ?? deleting.error;

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const input = {
      title: `${given.get('title')}`,
      tags: withTyped(tags, `${given.get('tag')}`),
    };
    const { error } = await update({ id: video.id, input });
    if (error) return;
    setTags(input.tags);
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
        <Chips
          label="Tags: press Enter after each"
          listLabel="Its tags"
          name="tag"
          values={tags}
          onChange={setTags}
        />
        <Refusal error={trouble} />
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
