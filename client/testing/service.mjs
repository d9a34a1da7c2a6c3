// What `startParley` runs inside the repository: the Worker as its sources are now. The published package has another
// file in this place, which runs the Worker it brings (scripts/package-service.mjs).
import { serve } from '../../scripts/serve.mjs';
import { withFolder } from '../../scripts/with-folder.mjs';

/** @type {typeof import('./service.d.mts').startService} */
export const startService = (options) => withFolder(options, serve);
