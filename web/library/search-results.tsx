import { useQuery } from '@urql/preact';
import { SearchDocument, type SearchQuery } from '../api/documents.ts';
import { Following } from '../parts/following.tsx';
import { plural } from '../parts/format.ts';
import { Trouble } from '../parts/trouble.tsx';
import { Uncalibrated } from '../parts/uncalibrated.tsx';
import { type Question, searchOf } from './question.ts';
import { Receipt } from './receipt.tsx';
import { SearchResult } from './search-result.tsx';

/** Videos a page. */
const FIRST = 20;
/** From this on the server stops counting. */
const COUNTED_TO = 1000;

interface Props {
  question: Question;
  change: (part: Partial<Question>) => void;
}

const usePage = (question: Question, after: string | null) =>
  useQuery({ query: SearchDocument, variables: { ...searchOf(question), first: FIRST, after } });

/** What a question finds: the best first, with where in each video it is. */
export function SearchResults({ question, change }: Props) {
  const [{ data, error, fetching, extensions }] = usePage(question, null);
  const found = data?.searchVideos;

  return (
    <section class="stack" aria-label="Results" aria-busy={fetching}>
      <p role="status">{found && !error ? outcome(found, question) : ''}</p>
      {error && <Trouble error={error} />}
      {found && !error && (
        <>
          {found.edges.length === 0 && !question.nearest && (
            <div>
              <button type="button" onClick={() => change({ nearest: true })}>
                Show the nearest anyway
              </button>
            </div>
          )}
          {question.nearest && (
            <div class="row notice">
              These are the nearest, relevant or not.
              <button type="button" onClick={() => change({ nearest: false })}>
                Only what is relevant
              </button>
            </div>
          )}
          <ul class="gallery" aria-label="Videos found">
            <Found page={found} question={question} />
          </ul>
          <Uncalibrated />
          <Receipt question={question} first={FIRST} found={found} milliseconds={extensions?.milliseconds} />
        </>
      )}
    </section>
  );
}

function outcome({ totalRelevant }: SearchQuery['searchVideos'], { nearest }: Question): string {
  if (nearest) return 'The nearest videos, best first';
  if (totalRelevant === 0) return 'Nothing in the library is about that.';
  return `${totalRelevant >= COUNTED_TO ? `${COUNTED_TO} or more videos` : plural(totalRelevant, 'video')}`;
}

/** A page of results, and those that follow it. */
function Found({ page, question }: { page: SearchQuery['searchVideos']; question: Question }) {
  const { edges, pageInfo } = page;
  return (
    <>
      {edges.map((edge) => (
        <SearchResult key={edge.node.id} found={edge} question={question} />
      ))}
      <Following pageInfo={pageInfo}>{(after) => <LaterPage question={question} after={after} />}</Following>
    </>
  );
}

function LaterPage({ question, after }: { question: Question; after: string | null }) {
  const [{ data, error }] = usePage(question, after);
  if (!data) return error ? <li class="gallery-row">{<Trouble error={error} />}</li> : null;
  return <Found page={data.searchVideos} question={question} />;
}
