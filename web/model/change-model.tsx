import { useMutation } from '@urql/preact';
import type { TargetedSubmitEvent } from 'preact';
import { ActivateModelDocument } from '../api/documents.ts';
import { asking, token } from '../api/session.ts';
import { Refusal } from '../parts/refusal.tsx';

/** The model people expect. */
const EXPECTED = 'microsoft/xclip-base-patch16-zero-shot';

interface Props {
  /** Whether the present one is the bundled one, which most people want to leave. */
  bundled: boolean;
  onChange: () => void;
}

/** Has the library go over to another model. */
export function ChangeModel({ bundled, onChange }: Props) {
  const [{ fetching, error }, activate] = useMutation(ActivateModelDocument);

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!token.value) {
      asking.value = 'ADMIN';
      return;
    }
    const name = `${new FormData(event.currentTarget).get('name')}`.trim();
    await activate({ name, now: false });
    onChange();
  }

  return (
    <section class="panel stack" aria-labelledby="change-title">
      <h2 id="change-title">{bundled ? 'Get a model that knows real videos' : 'Another model'}</h2>
      <p class="muted small">
        It is fetched from the hub, then all videos are embedded with it while searches go on with the present
        one. On the server’s machine <code>npx clipql model pull {EXPECTED}</code> fetches it beforehand.
      </p>
      <form class="row" onSubmit={submit}>
        <label class="field model-choice">
          Hub name, folder on the server, or “bundled”
          <input name="name" required defaultValue={EXPECTED} spellcheck={false} />
        </label>
        <button class="primary" type="submit" disabled={fetching}>
          Go over to it
        </button>
      </form>
      <Refusal error={error} />
    </section>
  );
}
