import type { TargetedKeyboardEvent } from 'preact';
import { useState } from 'preact/hooks';
import { useModel } from '../api/use-model.ts';

interface Props {
  labels: string[];
  onChange: (labels: string[]) => void;
}

/** Labels to type: each ends with a comma or Enter; Backspace takes the last one back. */
export function LabelInput({ labels, onChange }: Props) {
  const [text, setText] = useState('');
  const example =
    useModel()?.bundled === false
      ? 'programming course, eating spaghetti, playing football'
      : 'a red circle, a blue square, nothing';

  const add = (typed: string) => {
    const added = typed.split(/[,\n]/).map((label) => label.trim());
    const next = [
      ...new Set([...labels, ...added.filter((label) => label !== '')].map((l) => l.normalize())),
    ];
    if (next.length !== labels.length) onChange(next);
    setText('');
  };
  const press = (event: TargetedKeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter') {
      event.preventDefault();
      add(text);
    } else if (event.key === 'Backspace' && text === '' && labels.length > 0) {
      onChange(labels.slice(0, -1));
    }
  };

  return (
    <div class="field">
      <label for="label-input">Labels: press Enter after each, or paste several with commas</label>
      <div class="label-input">
        <ul class="row" aria-label="Labels so far">
          {labels.map((label) => (
            <li key={label} class="tag row">
              {label}
              <button
                type="button"
                aria-label={`Remove ${label}`}
                onClick={() => onChange(labels.filter((one) => one !== label))}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
        <input
          id="label-input"
          value={text}
          placeholder={labels.length === 0 ? example : ''}
          onInput={({ currentTarget: { value } }) => (value.includes(',') ? add(value) : setText(value))}
          onKeyDown={press}
          onBlur={() => add(text)}
        />
      </div>
    </div>
  );
}
