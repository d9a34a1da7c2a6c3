import { type ReactElement, useRef, useState } from 'react';
import type { User } from '../../../client/index.ts';
import { useClient } from '../../../client/react/index.ts';
import { useMe } from '../../chat/context.ts';
import { useStrings } from '../../strings/language.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Combobox } from '../../ui/combobox.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { type Chosen, handlesIn, settle, withChosen } from './chosen.ts';
import css from './people-field.module.css';
import { PersonOption } from './person-option.tsx';
import { peopleThatFit, useKnownPeople, useLookUp } from './use-people.ts';

interface PeopleFieldProps {
  readonly chosen: readonly Chosen[];
  readonly onChange: (update: (chosen: readonly Chosen[]) => readonly Chosen[]) => void;
  /** Who is in it already. */
  readonly without?: ReadonlySet<string>;
  readonly error?: string | undefined;
}

/** Gathers people by name or handle, each as a chip that says when nobody is called so. */
export function PeopleField({ chosen, onChange, without, error }: PeopleFieldProps): ReactElement {
  const { t } = useStrings();
  const client = useClient();
  const me = useMe();
  const box = useRef<HTMLDivElement>(null);
  const [query, setQuery] = useState('');
  const known = useKnownPeople();
  const lookUp = useLookUp(query, known);
  const taken = new Set(chosen.map(({ handle }) => handle));
  const free = (user: User): boolean =>
    user.id !== me.id && !taken.has(user.handle) && without?.has(user.id) !== true;
  const stranger = lookUp.name === 'found' ? [lookUp.user] : [];
  const fitting = [...stranger, ...peopleThatFit(known, query)].filter(free);
  const options = [...new Map(fitting.map((user) => [user.id, user])).values()];

  function choose(user: User): void {
    setQuery('');
    onChange((all) => withChosen(all, [{ handle: user.handle, state: 'there', user }]));
  }

  function add(text: string): void {
    const handles = handlesIn(text).filter((handle) => handle !== me.handle && !taken.has(handle));
    setQuery('');
    onChange((all) =>
      withChosen(
        all,
        handles.map((handle) => ({ handle, state: 'looking' })),
      ),
    );
    for (const handle of handles) {
      client.findUser(handle).then(
        (user) =>
          onChange((all) =>
            settle(all, user ? { handle, state: 'there', user } : { handle, state: 'nobody' }),
          ),
        () => onChange((all) => settle(all, { handle, state: 'failed' })),
      );
    }
  }

  function drop(handle: string): void {
    onChange((all) => all.filter((one) => one.handle !== handle));
    box.current?.querySelector('input')?.focus();
  }

  return (
    <div ref={box} className={css.people}>
      {chosen.length > 0 && (
        <ul className={css.chips} aria-label={t('new.chosen')}>
          {chosen.map((one) => (
            <Chip key={one.handle} chosen={one} onDrop={() => drop(one.handle)} />
          ))}
        </ul>
      )}
      <Combobox<User>
        label={t('new.members')}
        placeholder={t('new.whomExample')}
        query={query}
        onQuery={(next) => (/[,;،؛]/.test(next) ? add(next) : setQuery(next))}
        options={options}
        keyOf={(user) => user.id}
        onChoose={choose}
        onEnter={() => query.trim() !== '' && add(query)}
        onPaste={(event) => {
          const text = event.clipboardData.getData('text');
          if (handlesIn(text).length < 2) return;
          event.preventDefault();
          add(text);
        }}
        onBackspace={() => {
          const last = chosen.at(-1);
          if (last) drop(last.handle);
        }}
        hint={t('new.membersHint')}
        error={error}
      >
        {(user) => <PersonOption user={user} />}
      </Combobox>
    </div>
  );
}

function Chip({ chosen, onDrop }: { readonly chosen: Chosen; readonly onDrop: () => void }): ReactElement {
  const { t } = useStrings();
  const { handle, state } = chosen;
  const name = state === 'there' ? chosen.user.name : `@${handle}`;
  const wrong = state === 'nobody' || state === 'failed';
  return (
    <li className={wrong ? `${css.chip} ${css.wrong}` : css.chip}>
      {state === 'there' ? (
        <Avatar id={chosen.user.id} name={name} size="sm" />
      ) : (
        <span className={css.mark}>
          {state === 'looking' ? <Spinner /> : <Icon name="alert" size={18} />}
        </span>
      )}
      <span className={css.name}>
        <bdi>{name}</bdi>
        {wrong && (
          <span className={css.why} role="alert">
            {t(state === 'nobody' ? 'new.nobodyShort' : 'new.lookUpFailed')}
          </span>
        )}
      </span>
      <button type="button" className={css.drop} aria-label={t('new.dropNamed', { name })} onClick={onDrop}>
        <Icon name="close" size={16} />
      </button>
    </li>
  );
}
