import './library.css';
import { useModel } from '../api/use-model.ts';
import { ViewTitle } from '../parts/view-title.tsx';
import { Filters } from './filters.tsx';
import { Gallery } from './gallery.tsx';
import { asksContent, filterOf } from './question.ts';
import { SearchResults } from './search-results.tsx';
import { useQuestion } from './use-question.ts';

/** The library: all of it, or what a question finds in it. */
export function LibraryView() {
  const { asked, typed, change } = useQuestion();
  const example = useModel()?.bundled === false ? 'playing football' : 'a red circle moving left';
  return (
    <>
      <ViewTitle title={asked.text || 'Library'} hidden>
        Library
      </ViewTitle>
      <search class="stack">
        <label class="search-box">
          <span class="hidden">What happens in the video</span>
          <input
            type="search"
            name="q"
            placeholder={`What happens in it? Try “${example}”`}
            value={typed.text}
            onInput={({ currentTarget }) => change({ text: currentTarget.value })}
            autocomplete="off"
            spellcheck={false}
            enterkeyhint="search"
          />
        </label>
        <Filters question={typed} change={change} />
      </search>
      {(asked.not || asked.next) && !asksContent(asked) && (
        <p class="notice" role="status">
          “Followed by” and “But not” narrow a search: say above what to look for.
        </p>
      )}
      {asksContent(asked) ? (
        <SearchResults question={asked} change={change} />
      ) : (
        <Gallery filter={filterOf(asked)} />
      )}
    </>
  );
}
