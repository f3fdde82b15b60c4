import './app.css';
import { Provider } from '@urql/preact';
import { useRef } from 'preact/hooks';
import { Link, Route, Switch, useLocation } from 'wouter-preact';
import { client } from './api/client.ts';
import { lost } from './api/connection.ts';
import { useModel, useModelWatch } from './api/use-model.ts';
import icon from './icon.svg';
import { DropTarget } from './ingest/drop-target.tsx';
import { IngestView } from './ingest/ingest-view.tsx';
import { LibraryView } from './library/library-view.tsx';
import { ModelNotice } from './model/model-notice.tsx';
import { ModelView } from './model/model-view.tsx';
import { NotFound } from './not-found.tsx';
import { TokenDialog } from './token-dialog.tsx';
import { useKeptFocus } from './use-kept-focus.ts';
import { useScroll } from './use-scroll.ts';
import { VideoView } from './video/video-view.tsx';

/** The page: its frame, and the view that the address names. The server answers to the same addresses. */
export function App() {
  const [path] = useLocation();
  useScroll(path);
  useKeptFocus();

  return (
    <Provider value={client.value}>
      <a class="skip" href="#main">
        To the content
      </a>
      <header class="frame-header">
        <Link href="/" class="brand">
          <img src={icon} width="28" height="28" alt="" />
          <span class="brand-name">ClipQL</span>
        </Link>
        <nav aria-label="Views">
          <ul>
            <NavItem href="/" name="Library" here={path === '/' || path.startsWith('/videos/')} />
            <NavItem href="/ingest" name="Ingest" here={path === '/ingest'} />
            <NavItem href="/model" name="Model" here={path === '/model'} />
            <li>
              <a href="/graphql">API</a>
            </li>
          </ul>
        </nav>
      </header>
      <div role="status">
        {lost.value && <p class="lost">The server does not answer. The page goes on as soon as it does.</p>}
      </div>
      <main class="frame-main" id="main" tabIndex={-1}>
        <Views />
      </main>
      <DropTarget />
      <TokenDialog />
    </Provider>
  );
}

/** Nothing until it is known whether a notice stands above the view: it would push the view down. */
function Views() {
  useModelWatch();
  const known = useRef(false);
  known.current = useModel() !== undefined || known.current; // and stays so while it is asked again
  if (!known.current) return null;
  return (
    <>
      <ModelNotice />
      <Switch>
        <Route path="/" component={LibraryView} />
        <Route path="/videos/:id">{({ id }) => <VideoView key={id} id={id} />}</Route>
        <Route path="/ingest" component={IngestView} />
        <Route path="/model" component={ModelView} />
        <Route>
          <NotFound />
        </Route>
      </Switch>
    </>
  );
}

function NavItem({ href, name, here }: { href: string; name: string; here: boolean }) {
  return (
    <li>
      <Link href={href} aria-current={here ? 'page' : undefined}>
        {name}
      </Link>
    </li>
  );
}
