import { useEffect, useState } from 'preact/hooks';
import type { SearchSort } from '../api/documents.ts';
import { asksContent, filterOf, type Question } from './question.ts';

const SORTS: Record<SearchSort, string> = {
  RELEVANCE: 'Best match first',
  NEWEST: 'Newest first',
  OLDEST: 'Oldest first',
  LONGEST: 'Longest first',
  SHORTEST: 'Shortest first',
};

interface Props {
  question: Question;
  change: (part: Partial<Question>) => void;
}

/** What narrows a question, folded away until it is wanted. */
export function Filters({ question, change }: Props) {
  const { not, next, tags, min, max, sort } = question;
  const narrowed = filterOf(question) !== null || not !== '' || next !== '';
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
        <label class="field">
          Tags, separated by commas
          <input
            value={tags.join(', ')}
            onChange={({ currentTarget }) => change({ tags: tagsIn(currentTarget.value) })}
          />
        </label>
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
          <button
            type="button"
            onClick={() => change({ not: '', next: '', title: '', tags: [], min: '', max: '' })}
          >
            Clear these
          </button>
        )}
      </div>
    </details>
  );
}

const tagsIn = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ''),
  ),
];
