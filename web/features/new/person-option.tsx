import type { ReactElement } from 'react';
import type { User } from '../../../client/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { OptionWords } from '../../ui/combobox.tsx';

export const PersonOption = ({ user }: { readonly user: User }): ReactElement => (
  <OptionWords start={<Avatar id={user.id} name={user.name} />} title={user.name} text={`@${user.handle}`} />
);
