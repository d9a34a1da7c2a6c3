// Version numbers and the changelog: pure text.

const form = /^(\d+)\.(\d+)\.(\d+)$/;
const parts = ['major', 'minor', 'patch'];

/** @param {string} version @returns {number[]} @throws Error when it is none */
function numbersOf(version) {
  const found = form.exec(version);
  if (!found) throw new Error(`${version} is no version: write it as 1.2.3`);
  return found.slice(1).map(Number);
}

/** Whether version `a` comes after `b`. @param {string} a @param {string} b */
export function isAfter(a, b) {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  const at = left.findIndex((number, i) => number !== right[i]);
  return at !== -1 && (left[at] ?? 0) > (right[at] ?? 0);
}

/**
 * The version after `version`: `step` is `major`, `minor`, `patch`, or the version itself.
 * @param {string} version @param {string} step
 */
export function nextVersion(version, step) {
  const at = parts.indexOf(step);
  if (at === -1) {
    if (!isAfter(step, version)) throw new Error(`${step} does not come after ${version}`);
    return step;
  }
  return numbersOf(version)
    .map((number, i) => (i < at ? number : i === at ? number + 1 : 0))
    .join('.');
}

const title = '# Changes\n';

/**
 * The changelog with one more release at its top.
 * @param {string} changelog the text so far, empty before the first
 * @param {{ version: string, date: string, subjects: readonly string[] }} release `subjects` of commits, newest first
 */
export function withRelease(changelog, { version, date, subjects }) {
  const older = changelog.startsWith(title) ? changelog.slice(title.length) : changelog;
  const listed = subjects.filter((subject) => !/^(wip|fixup!|squash!|release: )/.test(subject));
  const items = [...new Set(listed)].map((subject) => `- ${subject}\n`).join('');
  return `${title}\n## ${version} (${date})\n\n${items || '- Nothing that shows.\n'}${older}`;
}
