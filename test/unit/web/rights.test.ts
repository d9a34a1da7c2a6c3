import { expect, test } from 'vitest';
import type { Role } from '../../../client/index.ts';
import { mayChange } from '../../../objects/conversation/members.ts';
import { rightsOver } from '../../../web/features/info/rights.ts';

const ROLES: readonly Role[] = ['owner', 'admin', 'member'];

const row = (n: number, role: Role) => ({
  n,
  user: String(n),
  role,
  joined: 0,
  ended: undefined,
  shunned: false,
  blocks: false,
  shown: undefined,
});

test('the app offers exactly what the service allows', () => {
  for (const by of ROLES) {
    for (const target of ROLES) {
      const rights = rightsOver(by, target);
      const [one, other] = [row(1, by), row(2, target)];
      const removable = mayChange('group', one, { type: 'remove' }, other) === undefined;
      expect(rights.remove, `${by} removes ${target}`).toBe(removable);
      for (const role of ROLES.filter((given) => given !== target)) {
        const allowed = mayChange('group', one, { type: 'role', role }, other) === undefined;
        expect(rights.roles.includes(role), `${by} makes ${target} ${role}`).toBe(allowed);
      }
    }
  }
});
