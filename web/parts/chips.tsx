import './chips.css';
import type { TargetedClipboardEvent, TargetedKeyboardEvent } from 'preact';
import { useId, useState } from 'preact/hooks';

interface Props {
  label: string;
  /** Names the list of what was typed already. */
  listLabel: string;
  /** The name under which a form gets what is typed still. */
  name?: string;
  placeholder?: string | undefined;
  values: string[];
  onChange: (values: string[]) => void;
}

/** The texts with those in what was typed or pasted, where ends of lines and commas part them; none twice. */
export function withTyped(values: string[], typed: string): string[] {
  const added = typed.split(/[,\n]/).map((text) => text.trim().normalize());
  return [...new Set([...values, ...added.filter((text) => text !== '')])];
}

/** Several short texts to type: each ends with a comma or Enter; Backspace takes the last one back. */
export function Chips({ label, listLabel, name, placeholder, values, onChange }: Props) {
  const id = useId();
  const [typed, setTyped] = useState('');

  const add = (text: string) => {
    const next = withTyped(values, text);
    if (next.length !== values.length) onChange(next);
    setTyped('');
  };
  const press = (event: TargetedKeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter' && typed !== '') {
      event.preventDefault();
      add(typed);
    } else if (event.key === 'Backspace' && typed === '' && values.length > 0) {
      onChange(values.slice(0, -1));
    }
  };
  const paste = (event: TargetedClipboardEvent<HTMLInputElement>) => {
    const text = event.clipboardData?.getData('text') ?? '';
    if (!/\n./.test(text.trim())) return;
    event.preventDefault(); // the field would make one line of them
    add(text);
  };

  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="chips">
        {values.length > 0 && (
          <div class="row">
            <ul class="row" aria-label={listLabel}>
              {values.map((value) => (
                <li key={value} class="tag row">
                  {value}
                  <button
                    type="button"
                    aria-label={`Remove ${value}`}
                    onClick={() => onChange(values.filter((one) => one !== value))}
                  >
                    ×
                  </button>
                </li>
              ))}
            </ul>
            {values.length > 1 && (
              <button type="button" class="chips-clear" onClick={() => onChange([])}>
                Remove all<span class="hidden"> {listLabel}</span>
              </button>
            )}
          </div>
        )}
        <input
          id={id}
          value={typed}
          {...(name && { name })}
          {...(placeholder && values.length === 0 && { placeholder })}
          autocomplete="off"
          onInput={({ currentTarget: { value } }) => (value.includes(',') ? add(value) : setTyped(value))}
          onKeyDown={press}
          onPaste={paste}
        />
      </div>
    </div>
  );
}
