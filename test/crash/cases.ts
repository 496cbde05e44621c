// SPDX-License-Identifier: MIT
import { imageImportParams, imageImportUrlParams } from '#contract/images.ts';
import { instanceName, imageAlias, type InstanceName } from '#contract/names.ts';
import type { InstanceVerb } from '#contract/verbs.ts';
import { mountAddParams } from '#contract/mounts.ts';
import type { methods } from '#contract/methods.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import type { Person } from '../support/people.ts';
import { binned, denialId, fresh, granted, kept, mounted } from './kept-state.ts';
import { OperationFailure } from './operation-failure.ts';
import type { Stage } from './stage.ts';
import { launchTiny, untilMachine } from './until-machine.ts';

type Changing<M extends keyof typeof methods = keyof typeof methods> = M extends unknown
  ? (typeof methods)[M]['kind'] extends 'query'
    ? never
    : M
  : never;
export type ChangingMethod = Changing;

interface Scene {
  readonly client: HelperConnection;
  readonly stage: Stage;
}

/** One way to use a method, tried at each of its calls. */
export interface CrashCase {
  readonly label?: string;
  /** Who asks; mia, whose instances they are, where absent. */
  readonly by?: Person;
  /**
   * Resolves when all is over; rejects as the request does, or with the operation's error as a {@link
   * OperationFailure}.
   */
  readonly run: (scene: Scene) => Promise<void>;
  /** A machine is started: the point takes longer. */
  readonly isLive?: boolean;
}

const nobody = instanceName.parse('ck-nobody');
const root: Person = { uid: 0, gid: 0 };

/** For each method that changes something, what is tried. A method without a case does not type-check. */
export const cases: Readonly<Record<ChangingMethod, readonly CrashCase[]>> = {
  'instances.delete': [{ run: operation('instances.delete', kept) }],
  'instances.recover': [{ run: operation('instances.recover', binned) }],
  'instances.purge': [{ run: operation('instances.purge', binned) }],
  'instances.stop': [{ label: 'of a stopped one', run: refused(operation('instances.stop', kept)) }],
  'instances.restart': [{ label: 'of a stopped one', run: refused(operation('instances.restart', kept)) }],
  'instances.pause': [{ label: 'of a stopped one', run: refused(operation('instances.pause', kept)) }],
  'instances.resume': [{ label: 'of a stopped one', run: refused(operation('instances.resume', kept)) }],
  'instances.suspend': [{ label: 'of a stopped one', run: refused(operation('instances.suspend', kept)) }],
  'instances.launch': [
    { run: launch, isLive: true },
    { label: 'of an image that is not there', run: refused(launchNothing) },
  ],
  'instances.start': [{ run: start, isLive: true }],
  'instances.set': [
    {
      label: 'of words and sizes',
      run: async ({ client }) =>
        void (await client.request('instances.set', {
          name: kept,
          cpus: 2,
          description: 'mine',
          tags: ['a', 'b'],
          isProtected: true,
        })),
    },
    {
      label: 'of its disk',
      run: async ({ client }) =>
        void (await client.request('instances.set', { name: kept, diskBytes: 2 ** 31, description: 'larger' })),
    },
  ],
  'instances.grant': [
    {
      label: 'the first',
      run: async ({ client, stage }) =>
        void (await client.request('instances.grant', { name: kept, path: `${stage.home}/mia/deep/given`, mode: 'r' })),
    },
    {
      label: 'one more',
      run: async ({ client, stage }) =>
        void (await client.request('instances.grant', {
          name: granted,
          path: `${stage.home}/mia/deep/another`,
          mode: 'rw',
        })),
    },
    {
      label: 'another mode',
      run: async ({ client, stage }) =>
        void (await client.request('instances.grant', {
          name: granted,
          path: `${stage.home}/mia/deep/given`,
          mode: 'rw',
        })),
    },
  ],
  'instances.revoke': [
    {
      run: async ({ client, stage }) =>
        void (await client.request('instances.revoke', { name: granted, path: `${stage.home}/mia/deep/given` })),
    },
  ],
  'instances.set-security': [
    {
      by: root,
      run: async ({ client }) =>
        void (await client.request('instances.set-security', { name: kept, mode: 'complain' })),
    },
  ],
  'denials.decide': [
    {
      run: async ({ client }) =>
        void (await client.request('denials.decide', { name: kept, id: denialId, choice: 'keep-blocked' })),
    },
  ],
  'mounts.add': [
    {
      run: async ({ client, stage }) =>
        void (await client.request(
          'mounts.add',
          mountAddParams.parse({ name: kept, source: `${stage.home}/mia/folder`, target: 'folder' }),
        )),
    },
  ],
  'mounts.remove': [{ run: async ({ client }) => void (await client.request('mounts.remove', { name: mounted })) }],
  'mounts.reconnect': [
    { run: async ({ client }) => void (await client.request('mounts.reconnect', { name: mounted })) },
  ],
  'images.import': [
    { label: 'a new one', run: imported('b.raw', 'other') },
    { label: 'over an alias', run: imported('b.raw', 'mine') },
    { label: 'the same again', run: imported('a.raw', 'mine') },
  ],
  'images.import-url': [
    {
      label: 'that does not answer',
      run: refused(
        ended((client) =>
          client.request(
            'images.import-url',
            imageImportUrlParams.parse({ url: 'https://127.0.0.1:9/x', format: 'raw', alias: 'far' }),
          ),
        ),
      ),
    },
  ],
  'images.fetch': [
    {
      label: 'of a remote that is not there',
      run: refused(ended((client) => client.request('images.fetch', { alias: imageAlias.parse('nowhere:1') }))),
    },
  ],
  'images.build': [
    {
      label: 'one that is there',
      run: ended((client) => client.request('images.build', { alias: imageAlias.parse('tiny') })),
    },
  ],
  'images.verify': [{ run: ended((client) => client.request('images.verify', { image: imageAlias.parse('mine') })) }],
  'images.refresh': [
    {
      label: 'of none',
      run: refused(ended((client) => client.request('images.refresh', { maxAgeSeconds: 1_000_000_000 }))),
    },
  ],
  'images.remove': [
    { run: async ({ client }) => void (await client.request('images.remove', { image: imageAlias.parse('mine') })) },
  ],
  'images.prune': [
    { by: root, run: async ({ client }) => void (await client.request('images.prune', { isEverything: true })) },
  ],
  'images.pin': [
    {
      by: root,
      run: async ({ client }) =>
        void (await client.request('images.pin', { image: imageAlias.parse('tiny'), isPinned: true })),
    },
  ],
  'images.configure': [
    {
      by: root,
      run: async ({ client }) =>
        void (await client.request('images.configure', {
          ...(await client.request('images.settings', {})),
          expiryDays: 3,
        })),
    },
  ],
  'operations.cancel': [
    {
      label: 'of none',
      run: refused(
        async ({ client }) => void (await client.request('operations.cancel', { id: 'op-0000000000' as never })),
      ),
    },
  ],
  'events.subscribe': [{ run: async ({ client }) => void (await client.request('events.subscribe', {})) }],
  'console.open': [
    { run: async ({ client }) => void (await client.request('console.open', { name: kept, fromOffset: 0 })) },
  ],
  'shell.open': [
    {
      label: 'of a stopped one',
      run: refused(
        async ({ client }) =>
          void (await client.request('shell.open', { name: kept, size: { columns: 80, rows: 24 }, term: 'xterm' })),
      ),
    },
  ],
  'exec.open': [
    {
      label: 'of a stopped one',
      run: refused(async ({ client }) => void (await client.request('exec.open', { name: kept, command: ['true'] }))),
    },
  ],
  'files.open': [
    {
      label: 'of a stopped one',
      run: refused(async ({ client }) => void (await client.request('files.open', { name: kept }))),
    },
  ],
  'session.signal': [
    {
      label: 'of none',
      run: refused(
        async ({ client }) =>
          void (await client.request('session.signal', { session: 'nobody' as never, signal: 'TERM' })),
      ),
    },
  ],
  'session.resize': [
    {
      label: 'of none',
      run: refused(
        async ({ client }) =>
          void (await client.request('session.resize', {
            session: 'nobody' as never,
            size: { columns: 80, rows: 24 },
          })),
      ),
    },
  ],
};

/** The commands that are refused in this state: nothing of them may stay either. */
function refused(run: CrashCase['run']): CrashCase['run'] {
  return async (scene) => {
    try {
      await run(scene);
    } catch (error) {
      if (
        codeOf(error) === 'internal.bug' ||
        codeOf(error) === undefined ||
        /^(?:storage|helper|process)\./.test(codeOf(error) ?? '')
      )
        throw error;
    }
  };
}

export function codeOf(error: unknown): string | undefined {
  const { data, code } = error as { readonly data?: { readonly code?: string }; readonly code?: string };
  return data?.code ?? code;
}

function ended(ask: (client: HelperConnection) => Promise<{ readonly operationId: string }>): CrashCase['run'] {
  return async ({ client }) => {
    const { operationId } = await ask(client);
    const { error } = await client.request('operations.wait', { id: operationId as never });
    if (error) throw new OperationFailure(error);
  };
}

function operation(method: `instances.${InstanceVerb}`, name: InstanceName): CrashCase['run'] {
  return ended((client) =>
    client.request(method, { name, force: method === 'instances.stop' ? true : undefined } as never),
  );
}

function imported(file: string, alias: string): CrashCase['run'] {
  return async (scene) =>
    await ended((client) =>
      client.request(
        'images.import',
        imageImportParams.parse({ path: `${scene.stage.home}/mia/${file}`, format: 'raw', alias }),
      ),
    )(scene);
}

async function launchNothing(scene: Scene): Promise<void> {
  await ended((client) =>
    client.request('instances.launch', { name: nobody, image: 'nothing' as never, isAllowedWithoutAppArmor: true }),
  )(scene);
}

/** Until its machine runs. */
async function launch({ client, stage }: Scene): Promise<void> {
  await untilMachine(
    client,
    { name: fresh, stateDirectory: stage.stateDirectory },
    async () => await launchTiny(client, fresh),
  );
}

async function start({ client, stage }: Scene): Promise<void> {
  await untilMachine(
    client,
    { name: kept, stateDirectory: stage.stateDirectory },
    async () => await client.request('instances.start', { name: kept }),
  );
}
