// SPDX-License-Identifier: MIT The helper dies while a guest runs that has folders by both transports, and while a
// guest boots, in each phase. The next one takes over what runs, the guest misses nothing, and nothing is left of what
// was not finished.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BootPhase } from '#contract/operations.ts';
import { mountAddParams } from '#contract/mounts.ts';
import { instanceName } from '#contract/names.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { audit, ofThisProcess } from '../support/audit.ts';
import { expectSuccess } from '../support/expect-success.ts';
import { InstanceClient } from '../support/instance-client.ts';
import { MountClient } from '../support/mount-client.ts';
import { mia } from '../support/people.ts';
import { makeState } from './kept-state.ts';
import { picture } from './picture.ts';
import { Stage } from './stage.ts';
import { isLong } from './stride.ts';
import { withoutMachines } from './sweep.ts';
import { launchTiny } from './until-machine.ts';

/** So many calls of each change are struck, the first and the last among them; all with BERTH_CRASH. */
const mostPoints = isLong ? Number.POSITIVE_INFINITY : 3;
const limitMs = isLong ? 3_600_000 : 300_000;
/** Runs all the time. */
const lasting = instanceName.parse(ofThisProcess('ck-lasting'));
/** Is started, and the helper killed meanwhile. */
const booting = instanceName.parse(ofThisProcess('ck-booting'));
let stage: Stage;
let points = 0;

beforeAll(async () => {
  stage = await Stage.open();
  await makeState(stage);
  await stage.start();
  const client = await mias();
  for (const name of [lasting, booting])
    expectSuccess(await client.wait((await launchTiny(client.connection, name)).operationId));
  expectSuccess(await client.run('instances.stop', booting, { force: true }));
  await add(client.connection, 'virtiofs', 'always');
  await writeFile(path.join(stage.home, 'mia/folder/word'), 'still here\n');
  client.connection.close();
}, limitMs);
afterAll(async () => {
  if (stage) await withoutMachines(stage);
  await stage?.[Symbol.asyncDispose]();
  process.stdout.write(`\nkilled beside a guest at ${points} points\n`);
});

interface Change {
  readonly title: string;
  readonly make: (client: HelperConnection) => Promise<unknown>;
  /** Brings back what was before, where the change is there. */
  readonly takeBack: (client: HelperConnection) => Promise<unknown>;
}

const given = (): string => `${stage.home}/mia/deep/given`;
const changes: readonly Change[] = [
  ...(['virtiofs', 'sshfs'] as const).flatMap((transport): Change[] => {
    const make = (client: HelperConnection): Promise<unknown> => add(client, transport, 'another');
    const takeBack = (client: HelperConnection): Promise<unknown> =>
      client.request('mounts.remove', { name: lasting, target: '/home/berth/another' });
    return [
      { title: `a folder by ${transport}`, make, takeBack },
      { title: `a folder by ${transport} is taken away`, make: takeBack, takeBack: make },
    ];
  }),
  {
    title: 'a file is given',
    make: (client) => client.request('instances.grant', { name: lasting, path: given(), mode: 'r' }),
    takeBack: (client) => client.request('instances.revoke', { name: lasting, path: given() }),
  },
];

it.each(changes)(
  '$title: before or after, and the guest goes on',
  async ({ title, make, takeBack }) => {
    const first = await mias();
    if (title.endsWith('taken away')) await takeBack(first.connection); // it is made first
    const before = await picture(first.connection);
    stage.injector.arm();
    await make(first.connection);
    const { calls } = stage.injector.disarm();
    const after = await picture(first.connection);
    await takeBack(first.connection);
    first.connection.close();
    for (const point of spread(calls)) {
      const client = await mias();
      stage.injector.arm('kill', point);
      await make(client.connection).catch(() => undefined); // it dies
      const { struck } = stage.injector.disarm();
      client.connection.close();
      expect([point, struck, await begunAgain([before, after])]).toEqual([point, struck, []]);
      const next = await mias();
      if ((await picture(next.connection)) !== before) await takeBack(next.connection);
      next.connection.close();
    }
    if (title.endsWith('taken away')) {
      const last = await mias();
      await make(last.connection);
      last.connection.close();
    }
  },
  limitMs,
);

/** Of a boot, in the order of time. */
const phases: readonly BootPhase[] = ['firmware', 'kernel', 'lease', 'sshd', 'cloud-init'];

it.each(phases)(
  'a start whose guest is at %s: it runs on, or is stopped whole',
  async (phase) => {
    const client = await mias();
    const before = await picture(client.connection);
    const reached = Promise.withResolvers<void>();
    client.connection.onEvent(({ body }) => {
      if (
        body.topic === 'operation.changed' &&
        body.operation.target === booting &&
        body.operation.progress?.step === phase
      )
        reached.resolve();
    });
    await client.connection.request('events.subscribe', {});
    await client.connection.request('instances.start', { name: booting });
    await reached.promise;
    client.connection.close();
    expect(await begunAgain([before, before.replace(`${booting} stopped`, `${booting} running`)])).toEqual([]);
    const next = await mias();
    if ((await next.state(booting)) === 'running')
      expectSuccess(await next.run('instances.stop', booting, { force: true }));
    next.connection.close();
  },
  limitMs,
);

/** Kills the helper, starts the next, and says what is wrong then. */
async function begunAgain(pictures: readonly string[]): Promise<string[]> {
  points += 1;
  await stage.kill();
  await stage.start();
  const client = await mias();
  const mounts = await new MountClient(client.connection).untilConnected(lasting);
  const seen = await picture(client.connection);
  const root = await stage.connect(); // a stream's token is good for who asked for it alone
  const word = await new InstanceClient(root).exec(lasting, 'cat', 'always/word');
  const faults = await audit(stage, root);
  root.close();
  client.connection.close();
  return [
    ...faults,
    ...(pictures.includes(seen) ? [] : [`neither before nor after: ${seen}`]),
    ...(word.stdout === 'still here\n' ? [] : [`the guest's folder: ${JSON.stringify({ word, mounts })}`]),
  ];
}

async function mias(): Promise<InstanceClient> {
  return new InstanceClient(await stage.connect(mia));
}

async function add(client: HelperConnection, type: 'virtiofs' | 'sshfs', target: string): Promise<void> {
  const mounted = await client.request(
    'mounts.add',
    mountAddParams.parse({ name: lasting, source: `${stage.home}/mia/folder`, target, type }),
  );
  expect(mounted).toMatchObject({ state: 'connected' });
}

function spread(calls: number): readonly number[] {
  const all = Array.from({ length: calls }, (_, index) => index + 1);
  if (calls <= mostPoints) return all;
  return Array.from({ length: mostPoints }, (_, index) => 1 + Math.round((index * (calls - 1)) / (mostPoints - 1)));
}
