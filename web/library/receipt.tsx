import { useQuery } from '@urql/preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { SearchOverlapDocument, type SearchQuery } from '../api/documents.ts';
import { useModel } from '../api/use-model.ts';
import { percent, plural } from '../parts/format.ts';
import { type Question, searchOf } from './question.ts';

interface Props {
  question: Question;
  first: number;
  found: SearchQuery['searchVideos'];
  milliseconds?: number;
}

/** How a search was answered: in which time, by which model, and what was looked at. */
export function Receipt({ question, first, found: { receipt, approximate }, milliseconds }: Props) {
  const model = useModel();
  const [asked, setAsked] = useState<Question | null>(null);
  const checked = asked && JSON.stringify(asked) === JSON.stringify(question);
  return (
    <footer class="row small muted receipt">
      {milliseconds !== undefined && <span class="numbers">{Math.round(milliseconds)} ms</span>}
      {model && (
        <span>
          by <Link href="/model">{model.name}</Link>
        </span>
      )}
      <span>
        {plural(receipt.videos, 'video')} with {plural(receipt.clips, 'clip')} in question,{' '}
        {receipt.scan === 'FULL' ? 'all looked at' : 'looked up in the index'};{' '}
        {plural(receipt.candidates, 'clip')} scored exactly
      </span>
      {approximate && <span>scores are estimates</span>}
      {checked ? (
        <Overlap question={question} first={first} />
      ) : (
        <button type="button" class="small" onClick={() => setAsked(question)}>
          Was anything missed?
        </button>
      )}
    </footer>
  );
}

/** The share of the first page that scoring every clip exactly finds, too. */
function Overlap({ question, first }: { question: Question; first: number }) {
  const [{ data, error, fetching }] = useQuery({
    query: SearchOverlapDocument,
    variables: { ...searchOf(question), first },
  });
  const overlap = data?.searchVideos.receipt.overlap;
  return (
    <span role="status">
      {fetching && 'Scoring every clip …'}
      {error && 'It could not be checked.'}
      {overlap !== undefined && !fetching && `Scoring every clip exactly agrees by ${percent(overlap)}`}
    </span>
  );
}
