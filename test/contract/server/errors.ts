import { expect, test } from 'vitest';
import { since } from '../since.ts';
import { Line, type Service } from './device.ts';
import { crowd, direct, group } from './people.ts';

export function errorContract(open: () => Service): void {
  test('P8: bad frames are answered by name and change nothing', async () => {
    const { ada, ben, eve } = await crowd(open());
    const id = await direct(ada, ben);
    const line = (await Line.silent(ada))!;
    line.raw(
      JSON.stringify({
        type: 'send',
        clientId: 'early',
        conversation: id,
        content: { kind: 'text', text: 'x' },
      }),
    );
    expect(await line.failed('early')).toBe('bad_request');
    line.send({ type: 'hello' });
    await line.frame('synced');
    const content = { kind: 'text', text: 'x' };
    const cases: [string, object, string][] = [
      ['list', [1], 'bad_request'],
      ['type', { type: 'dance' }, 'bad_request'],
      ['content', { type: 'send', conversation: id, content: 'x' }, 'bad_request'],
      ['empty', { type: 'send', conversation: id, content: { kind: 'text', text: '' } }, 'bad_request'],
      ['reserved', { type: 'send', conversation: id, content: { kind: 'system' } }, 'bad_request'],
      ['reply', { type: 'send', conversation: id, content, replyTo: 7 }, 'bad_request'],
      ['emoji', { type: 'react', conversation: id, seq: 1, emoji: 'a b', on: true }, 'bad_request'],
      [
        'large',
        { type: 'send', conversation: id, content: { kind: 'text', text: 'x'.repeat(20_000) } },
        'too_large',
      ],
      [
        'huge',
        { type: 'send', conversation: id, content: { kind: 'text', text: 'x'.repeat(70_000) } },
        'too_large',
      ],
      ['nowhere', { type: 'send', conversation: 'nowhere', content }, 'not_found'],
    ];
    const before = line.of('error').length;
    for (const [clientId, frame] of cases)
      line.raw(JSON.stringify(Array.isArray(frame) ? frame : { clientId, ...frame }));
    line.send({ type: 'hello' });
    line.raw('{"type":');
    line.raw('{"type":"pull","conversation":"nowhere"}');
    line.raw('{"type":"received","conversation":"nowhere","seq":1}');
    await line.until(() => line.of('error').length >= before + cases.length + 4);
    const codes = new Map(line.of('error').map(({ clientId, code }) => [clientId, code]));
    for (const [clientId, frame, code] of cases)
      if (!Array.isArray(frame)) expect(codes.get(clientId), clientId).toBe(code);
    const about = line.of('error').filter(({ conversation }) => conversation === 'nowhere');
    expect(about.map(({ code }) => code)).toEqual(['not_found', 'not_found', 'not_found']);
    line.raw('{"type":"ping"}');
    await line.frame('pong');
    expect((await ada.summary(id)).head).toBe(0);
    const stranger = await eve.connect();
    stranger.say(id, 'hi');
    expect(await stranger.failed('hi')).toBe('not_found');
  });

  test('P8: bad requests are answered by name', async () => {
    const service = open();
    const { ada, ben } = await crowd(service);
    const id = await group(ada, ben);
    const cases: [string, string, unknown, string][] = [
      ['GET', '/nothing', undefined, 'not_found'],
      ['PUT', '/conversations', {}, 'not_found'],
      ['GET', '/conversations/nowhere', undefined, 'not_found'],
      ['GET', '/conversations/no%20where', undefined, 'bad_request'],
      ['POST', '/conversations', '{', 'bad_request'],
      ['POST', '/conversations', { kind: 'direct', members: [] }, 'bad_request'],
      ['POST', '/conversations', { kind: 'direct', members: [ada.id] }, 'bad_request'],
      ['POST', '/conversations', { kind: 'channel', members: [] }, 'bad_request'],
      ['POST', '/conversations', { kind: 'group', mode: 'encrypted', members: [] }, 'bad_request'],
      ['POST', '/conversations', { kind: 'group', members: ['@nobody_at_all'] }, 'not_found'],
      ['POST', '/conversations', { kind: 'group', members: [], title: '' }, 'bad_request'],
      ['PATCH', `/conversations/${id}`, { title: 'x'.repeat(257) }, 'bad_request'],
      [
        'POST',
        `/conversations/${id}/messages`,
        { clientId: 'a b', content: { kind: 'text', text: 'x' } },
        'bad_request',
      ],
      [
        'POST',
        `/conversations/${id}/messages`,
        { clientId: 'a', content: { kind: 'text', text: 'x'.repeat(66_000) } },
        'too_large',
      ],
      ['PUT', `/conversations/${id}/members/${ben.id}`, { role: 'king' }, 'bad_request'],
      ['GET', '/users', undefined, 'bad_request'],
      ['GET', '/users?handle=x', undefined, 'bad_request'],
      ['GET', '/users?ids=', undefined, 'bad_request'],
      ['GET', `/users?ids=${ada.id}&handle=ada_x`, undefined, 'bad_request'],
      ['GET', '/users/nobody', undefined, 'not_found'],
      ['PATCH', '/users/me', { name: '' }, 'bad_request'],
      ['DELETE', '/devices/nothing', undefined, 'not_found'],
    ];
    for (const [method, path, body, code] of cases)
      expect(await ada.refused(method, path, body), `${method} ${path}`).toBe(code);
    const problem = await ada.ask('GET', '/conversations/nowhere');
    expect(problem).toEqual({
      status: 404,
      body: { status: 404, code: 'not_found', title: 'Not found', detail: 'no such conversation' },
    });
    const anonymous = await service.fetch(`${service.url}/v1/users/me`);
    expect([anonymous.status, ((await anonymous.json()) as { code: string }).code]).toEqual([
      401,
      'unauthenticated',
    ]);
    expect(anonymous.headers.get('content-type')).toContain('application/problem+json');
  });

  since('0.2.0', open)('P8 P9: health looks deep when asked, and at nothing else', async () => {
    const service = open();
    const health = async (query: string): Promise<[number, unknown]> => {
      const answer = await service.fetch(`${service.url}/v1/health${query}`);
      return [answer.status, await answer.json()];
    };
    const version = expect.any(String);
    expect(await health('')).toEqual([200, { ok: true, version }]);
    expect(await health('?deep=1')).toEqual([200, { ok: true, version, parts: ['database', 'objects'] }]);
    expect(await health('?deep=yes')).toMatchObject([400, { code: 'bad_request' }]);
  });
}
