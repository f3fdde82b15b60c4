import { useMutation } from '@urql/preact';
import type { TargetedSubmitEvent } from 'preact';
import { CreateLabelSetDocument } from '../api/documents.ts';
import { Refusal } from '../parts/refusal.tsx';

interface Props {
  labels: string[];
  /** Gets the id of the label set. */
  onKept: (id: string) => void;
}

/** Keeps labels as a label set of the library, to be taken for other videos, too. */
export function KeepLabels({ labels, onKept }: Props) {
  const [{ fetching, error }, create] = useMutation(CreateLabelSetDocument);

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = `${new FormData(event.currentTarget).get('name')}`;
    const { data } = await create({ input: { name, labels: labels.map((label) => ({ label })) } });
    if (data) onKept(data.createLabelSet.id);
  }

  return (
    <details>
      <summary>Keep these labels as a set</summary>
      <form class="stack" onSubmit={submit}>
        <label class="field">
          Its name
          <input name="name" required maxLength={100} autocomplete="off" />
        </label>
        <Refusal error={error} />
        <div>
          <button type="submit" disabled={fetching}>
            Keep them
          </button>
        </div>
      </form>
    </details>
  );
}
