/**
 * The API is called by web pages of other products. They send a bearer token and no cookie, so there is nothing a
 * foreign page could borrow, and any origin may ask.
 */
const preflight = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers': 'authorization, content-type',
  'access-control-max-age': '86400',
};

/** Answers the question browsers ask before a request to another origin. */
export const allowPreflight = (): Response => new Response(null, { status: 204, headers: preflight });

/** Lets pages of any origin read `response`. An accepted socket passes as it is: CORS knows no sockets. */
export function readableAnywhere(response: Response): Response {
  if (response.webSocket) return response;
  // Answers of an object come with headers that can't be changed.
  const open = new Response(response.body, response);
  open.headers.set('access-control-allow-origin', '*');
  open.headers.set('access-control-expose-headers', 'retry-after');
  open.headers.set('x-content-type-options', 'nosniff');
  return open;
}
