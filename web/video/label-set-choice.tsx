import { useMutation, useQuery } from '@urql/preact';
import { DeleteLabelSetDocument, LabelSetsDocument } from '../api/documents.ts';
import { Refusal } from '../parts/refusal.tsx';

interface Props {
  /** The id of a label set; empty: none. */
  chosen: string;
  onChoose: (id: string) => void;
}

/** The library's label sets: to take one, or to remove one that somebody kept. */
export function LabelSetChoice({ chosen, onChoose }: Props) {
  const [{ data }] = useQuery({ query: LabelSetsDocument });
  const [{ fetching, error }, remove] = useMutation(DeleteLabelSetDocument);
  const sets = data?.labelSets.edges.map(({ node }) => node) ?? [];
  const own = sets.find(({ id, builtIn }) => id === chosen && !builtIn);

  async function removeIt(id: string, name: string) {
    if (!confirm(`Remove the label set “${name}” from the library?`)) return;
    const { error } = await remove({ id }, { additionalTypenames: ['LabelSet'] }); // they are asked for again
    if (!error) onChoose('');
  }

  return (
    <div class="stack">
      <label class="field">
        Or take a label set
        <select value={chosen} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
          <option value="">None</option>
          {sets.map(({ id, name, size }) => (
            <option key={id} value={id}>
              {name} ({size})
            </option>
          ))}
        </select>
      </label>
      {own && (
        <div>
          <button type="button" disabled={fetching} onClick={() => removeIt(own.id, own.name)}>
            Remove this set
          </button>
        </div>
      )}
      <Refusal error={error} />
    </div>
  );
}
