import { useEffect, useState } from 'preact/hooks';
import type { SearchSort } from '../api/documents.ts';
import { Chips } from '../parts/chips.tsx';
import { asksContent, filterOf, type Question } from './question.ts';

const SORTS: Record<SearchSort, string> = {
  RELEVANCE: 'Best match first',
  NEWEST: 'Newest first',
  OLDEST: 'Oldest first',
  LONGEST: 'Longest first',
  SHORTEST: 'Shortest first',
};

const NOTHING: Partial<Question> = {
  ...{ not: '', next: '', title: '', tags: [], min: '', max: '', sort: 'RELEVANCE' },
};

interface Props {
  question: Question;
  change: (part: Partial<Question>) => void;
}

/** What narrows a question, folded away until it is wanted. */
export function Filters({ question, change }: Props) {
  const { not, next, tags, min, max, sort } = question;
  const narrowed = filterOf(question) !== null || not !== '' || next !== '' || sort !== 'RELEVANCE';
  const [open, setOpen] = useState(narrowed);
  useEffect(() => {
    if (narrowed) setOpen(true);
  }, [narrowed]);

  const text = (name: 'not' | 'next' | 'title', label: string, placeholder: string) => (
    <label class="field">
      {label}
      <input
        value={question[name]}
        placeholder={placeholder}
        onInput={({ currentTarget }) => change({ [name]: currentTarget.value })}
      />
    </label>
  );
  const seconds = (name: 'min' | 'max', label: string, value: string) => (
    <label class="field">
      {label}
      <input
        type="number"
        min="0"
        inputMode="decimal"
        value={value}
        onInput={({ currentTarget }) => change({ [name]: currentTarget.value })}
      />
    </label>
  );

  return (
    <details class="filters" open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Narrow it down</summary>
      <div class="filters-fields">
        {text('next', 'Followed by', 'a blue star spinning')}
        {text('not', 'But not', 'a blue square')}
        {text('title', 'Title contains', '')}
        <Chips
          label="Tags (press Enter)"
          listLabel="Tags asked for"
          values={tags}
          onChange={(next) => change({ tags: next })}
        />
        {seconds('min', 'At least, seconds', min)}
        {seconds('max', 'At most, seconds', max)}
        {asksContent(question) && (
          <label class="field">
            Order
            <select
              value={sort}
              onChange={({ currentTarget }) => change({ sort: currentTarget.value as SearchSort })}
            >
              {Object.entries(SORTS).map(([value, name]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
        {narrowed && (
          <button type="button" onClick={() => change(NOTHING)}>
            Clear these
          </button>
        )}
      </div>
    </details>
  );
}
