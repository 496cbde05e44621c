// SPDX-License-Identifier: MIT
import { say } from '#messages/say.ts';
import type { OutsideDoors, PathUse } from './outside-doors.ts';

type Params = Readonly<Record<string, unknown>>;

interface HostPaths {
  /** The parameters that are paths of this computer. */
  readonly fields: readonly string[];
  readonly use: (params: Params) => PathUse;
  readonly agree: `desktop.button.${'share' | 'import' | 'allow' | 'copy'}`;
  /** Says whatever makes a difference: an agreement holds for the same words. */
  readonly question: (params: Params) => string;
}

/**
 * Every method that makes something of a path of this computer. The helper checks what the user may do there; this is
 * about who named the path. test/unit/link/host-paths.test.ts fails for a method with a path that is missing here.
 */
export const hostPaths: Readonly<Record<string, HostPaths>> = {
  'mounts.add': {
    fields: ['source'],
    use: ({ isReadOnly }) => (isReadOnly === true ? 'share-read-only' : 'share'),
    agree: 'desktop.button.share',
    question: ({ name, isReadOnly }) =>
      say(isReadOnly === true ? 'desktop.ask.share-read-only' : 'desktop.ask.share', { name: String(name) }),
  },
  'images.import': {
    fields: ['path'],
    use: () => 'import',
    agree: 'desktop.button.import',
    question: () => say('desktop.ask.import'),
  },
  'instances.grant': {
    fields: ['path'],
    use: () => 'grant',
    agree: 'desktop.button.allow',
    question: ({ name, mode }) => letUse(name, mode === 'rw'),
  },
  'app.copy-in': {
    fields: ['paths'],
    use: () => 'copy-in',
    agree: 'desktop.button.copy',
    question: ({ name }) => say('desktop.ask.copy-in', { name: String(name) }),
  },
  'app.copy-out': {
    fields: ['folder'],
    use: () => 'copy-out',
    agree: 'desktop.button.copy',
    question: ({ name }) => say('desktop.ask.copy-out', { name: String(name) }),
  },
};

/** What was refused to an instance, by its number in the list of denials. */
export type RefusedFile = (name: string, id: string) => Promise<string | undefined>;

/** Lets a request pass when a person gave its paths or agrees to them now. @throws LinkError window.not-allowed */
export async function admitHostPaths(
  doors: OutsideDoors,
  refusedFile: RefusedFile,
  method: string,
  params: unknown,
): Promise<void> {
  const given = params as Params;
  if (method === 'denials.decide') return await admitDecision(doors, refusedFile, given);
  const row = Object.hasOwn(hostPaths, method) ? hostPaths[method] : undefined;
  if (row === undefined) return;
  const paths = row.fields.flatMap((field) => given[field]).filter((each) => typeof each === 'string');
  await doors.use(paths, row.use(given), { message: row.question(given), agree: say(row.agree) });
}

/** Allowing what was refused gives a file as `instances.grant` does; only the number of it comes from the page. */
async function admitDecision(
  doors: OutsideDoors,
  refusedFile: RefusedFile,
  { name, id, choice }: Params,
): Promise<void> {
  if (choice === 'keep-blocked') return;
  // the helper tells why when it is asked to decide
  const file = await refusedFile(String(name), String(id)).catch(() => undefined);
  await doors.agreeOnce([file ?? say('desktop.ask.refused-file', { id: String(id) })], {
    message: letUse(name, choice === 'read-write'),
    agree: say('desktop.button.allow'),
  });
}

function letUse(name: unknown, mayChange: boolean): string {
  return say(mayChange ? 'desktop.ask.let-change' : 'desktop.ask.let-read', { name: String(name) });
}
