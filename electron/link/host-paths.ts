// SPDX-License-Identifier: MIT
import type { OutsideDoors, PathUse } from './outside-doors.ts';

type Params = Readonly<Record<string, unknown>>;

interface HostPaths {
  /** The parameters that are paths of this computer. */
  readonly fields: readonly string[];
  readonly use: (params: Params) => PathUse;
  readonly agree: string;
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
    agree: 'Share',
    question: ({ name, isReadOnly }) =>
      isReadOnly === true
        ? `Share this folder with ${String(name)}, which can read it?`
        : `Share this folder with ${String(name)}, which can change it?`,
  },
  'images.import': {
    fields: ['path'],
    use: () => 'import',
    agree: 'Import',
    question: () => 'Import this file as an image?',
  },
  'instances.grant': {
    fields: ['path'],
    use: () => 'grant',
    agree: 'Allow',
    question: ({ name, mode }) => letUse(name, mode === 'rw'),
  },
  'app.copy-in': {
    fields: ['paths'],
    use: () => 'copy-in',
    agree: 'Copy',
    question: ({ name }) => `Copy these files to ${String(name)}?`,
  },
  'app.copy-out': {
    fields: ['folder'],
    use: () => 'copy-out',
    agree: 'Copy',
    question: ({ name }) => `Copy files of ${String(name)} to this folder?`,
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
  await doors.use(paths, row.use(given), { message: row.question(given), agree: row.agree });
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
  await doors.agreeOnce([file ?? `what was refused as ${String(id)}`], {
    message: letUse(name, choice === 'read-write'),
    agree: 'Allow',
  });
}

function letUse(name: unknown, mayChange: boolean): string {
  return mayChange ? `Let ${String(name)} read and change this file?` : `Let ${String(name)} read this file?`;
}
