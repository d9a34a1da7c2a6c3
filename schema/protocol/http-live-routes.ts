import { pollBody, pollResult } from './http-conversations.ts';
import type { Route } from './http-route.ts';

const UPGRADE =
  'A WebSocket upgrade with the sub-protocols `parley.v1` and `parley.bearer.<accessToken>`, or with the `Authorization` header. The frames are described in asyncapi.json.';

/** Frames: over sockets, or in the bodies of long polls. */
export const LIVE_ROUTES: readonly Route[] = [
  {
    id: 'openUserSocket',
    method: 'GET',
    path: '/v1/ws',
    tag: 'live',
    summary: "The user's socket",
    about: UPGRADE,
    answers: { 101: { what: "The socket is open; the first frame is the client's `hello`." } },
    errors: ['bad_request', 'unsupported_version'],
  },
  {
    id: 'openConversationSocket',
    method: 'GET',
    path: '/v1/conversations/:c/ws',
    tag: 'live',
    summary: 'A socket to one conversation alone',
    about: UPGRADE,
    answers: { 101: { what: "The socket is open; the first frame is the client's `hello`." } },
    errors: ['not_found', 'unsupported_version'],
  },
  {
    id: 'poll',
    method: 'POST',
    path: '/v1/poll',
    tag: 'live',
    summary: 'Long polling: the same frames in bodies',
    about:
      'Without `session`, or with one that is not known any more, a new session begins and resumes from `cursor` and `heads`. `n` names the last answer the client has; when that is not the last one given, the lost one comes again. `close` ends the session: what was not confirmed waits for the next one.',
    body: pollBody,
    answers: { 200: { what: 'What has happened, or nothing after `wait` seconds.', body: pollResult } },
    errors: ['not_found'],
  },
];
