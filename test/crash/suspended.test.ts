// SPDX-License-Identifier: MIT The helper dies, or QEMU does, while a guest is paused, goes on, is put away and comes
// back. Whatever the helper's death leaves, the guest is the same; QEMU's leaves a disk that is whole.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mountAddParams } from '#contract/mounts.ts';
import { instanceName } from '#contract/names.ts';
import { audit, ofThisProcess } from '../support/audit.ts';
import { expectSuccess } from '../support/expect-success.ts';
import { hostTraces } from '../support/host-traces.ts';
import { InstanceClient } from '../support/instance-client.ts';
import { mia } from '../support/people.ts';
import { makeState } from './kept-state.ts';
import { Stage } from './stage.ts';
import { isLong } from './stride.ts';
import { withoutMachines } from './sweep.ts';
import { launchTiny } from './until-machine.ts';

/** So many calls of each verb are struck, the first and the last among them; all with BERTH_CRASH. */
const mostPoints = isLong ? Number.POSITIVE_INFINITY : 4;
/** Of a start: those from when its guest goes on. So spread, one of them is of the record with the process. */
const lastCalls = 16;
const limitMs = isLong ? 3_600_000 : 400_000;
const guest = instanceName.parse(ofThisProcess('ck-guest'));
let stage: Stage;
let points = 0;
/** The process in the guest that no boot would leave alive. */
let counter: string;

beforeAll(async () => {
  stage = await Stage.open();
  await makeState(stage);
  await stage.start();
  const client = await mias();
  expectSuccess(await client.wait((await launchTiny(client.connection, guest)).operationId));
  await writeFile(path.join(stage.home, 'mia/folder/word'), 'still here\n');
  await client.connection.request(
    'mounts.add',
    mountAddParams.parse({ name: guest, source: `${stage.home}/mia/folder`, target: 'folder', type: 'virtiofs' }),
  );
  client.connection.close();
  await begin();
}, limitMs);
afterAll(async () => {
  if (stage) await withoutMachines(stage);
  await stage?.[Symbol.asyncDispose]();
  process.stdout.write(`\nkilled around a suspend at ${points} points\n`);
}, limitMs);

async function mias(): Promise<InstanceClient> {
  return new InstanceClient(await stage.connect(mia));
}

async function asRoot<Answer>(work: (client: InstanceClient) => Promise<Answer>): Promise<Answer> {
  const connection = await stage.connect();
  try {
    return await work(new InstanceClient(connection));
  } finally {
    connection.close();
  }
}

async function begin(): Promise<void> {
  counter = (
    await asRoot(async (client) => await client.exec(guest, 'sh', '-c', 'sleep 100000 > /dev/null 2>&1 & echo $!'))
  ).stdout;
}

type Verb = 'pause' | 'resume' | 'suspend' | 'start';
/** What each is asked from, and what its death may leave. */
const verbs: readonly (readonly [verb: Verb, before: 'running' | 'paused' | 'suspended', after: string])[] = [
  ['pause', 'running', 'paused'],
  ['resume', 'paused', 'running'],
  ['suspend', 'running', 'suspended'],
  ['start', 'suspended', 'running'],
];

/** Brings the guest to a state, from whichever it is in. */
async function bringTo(client: InstanceClient, wanted: 'running' | 'paused' | 'suspended'): Promise<void> {
  if ((await client.state(guest)) === wanted) return;
  if ((await client.state(guest)) !== 'running') expectSuccess(await client.run('instances.start', guest));
  if (wanted === 'paused') expectSuccess(await client.run('instances.pause', guest));
  if (wanted === 'suspended') expectSuccess(await client.run('instances.suspend', guest));
}

it.each(verbs)(
  '%s: the helper dies at each step, and the guest is before it or after it, and the same',
  async (verb, before, after) => {
    const first = await mias();
    await bringTo(first, before);
    stage.injector.arm();
    expectSuccess(await first.run(`instances.${verb}`, guest));
    const { calls } = stage.injector.disarm();
    first.connection.close();
    for (const point of spread(calls)) {
      points += 1;
      const client = await mias();
      await bringTo(client, before);
      stage.injector.arm('kill', point);
      await client.run(`instances.${verb}`, guest).catch(() => undefined); // it dies
      const { struck } = stage.injector.disarm();
      client.connection.close();
      await stage.kill();
      await stage.start();
      expect([point, struck, await faultsOf([before, after])]).toEqual([point, struck, []]);
    }
  },
  limitMs,
);

it(
  'a start that fails at a step of its end has let the guest go on, or keeps it for the next',
  async () => {
    const first = await mias();
    await bringTo(first, 'suspended');
    stage.injector.arm();
    expectSuccess(await first.run('instances.start', guest));
    const { calls } = stage.injector.disarm();
    first.connection.close();
    for (const point of spread(lastCalls).map((each) => calls - lastCalls + each)) {
      points += 1;
      const client = await mias();
      await bringTo(client, 'suspended');
      stage.injector.arm('EIO once', point);
      await client.run('instances.start', guest);
      const { struck } = stage.injector.disarm();
      client.connection.close();
      // the next helper finds a process that was not noted, and takes a file that stayed
      await stage.kill();
      await stage.start();
      expect([point, struck, await faultsOf(['suspended', 'running'])]).toEqual([point, struck, []]);
    }
  },
  limitMs,
);

/** What is wrong with the guest, its folder and all that the helper keeps. */
async function faultsOf(states: readonly string[]): Promise<string[]> {
  const client = await mias();
  const state = (await client.state(guest)) ?? 'gone';
  const faults = await asRoot(async ({ connection }) => await audit(stage, connection));
  if (!states.includes(state)) return [...faults, `it is ${state}`];
  await bringTo(client, 'running');
  client.connection.close();
  const alive = await asRoot(async (root) => await root.exec(guest, 'kill', '-0', counter.trim()));
  return [...faults, ...(alive.exitCode === 0 ? [] : [`another guest: ${JSON.stringify(alive)}`])];
}

it(
  'QEMU dies in the middle of it: it is stopped or suspended, and its disk has what was synced',
  async () => {
    const moments: readonly ((lastsMs: number) => Promise<void>)[] = [
      async (lastsMs) => await sleep(lastsMs * 0.3),
      async () => await untilSaving(),
      async (lastsMs) => await sleep(lastsMs * 0.95),
    ];
    for (const [index, moment] of moments.entries()) {
      points += 1;
      const client = await mias();
      await bringTo(client, 'running');
      const word = `synced ${index}`;
      await asRoot(async (root) => await root.exec(guest, 'sh', '-c', `echo ${word} > synced; sync`));
      const lasts = await timeOf(client);
      const operation = client.run('instances.suspend', guest);
      await moment(lasts);
      for (const pid of (await hostTraces(stage)).machines) process.kill(pid, 'SIGKILL');
      await operation;
      await expect.poll(async () => await client.state(guest), { timeout: 20_000 }).toMatch(/^(?:stopped|suspended)$/);
      expect(await asRoot(async ({ connection }) => await audit(stage, connection))).toEqual([]);
      expectSuccess(await client.run('instances.start', guest));
      client.connection.close();
      expect((await asRoot(async (root) => await root.exec(guest, 'cat', 'synced'))).stdout).toBe(`${word}\n`);
    }
  },
  limitMs,
);

/** Resolves when the memory begins to be written, which nobody is told of to the millisecond. */
async function untilSaving(): Promise<void> {
  const file = path.join(stage.stateDirectory, 'instances', guest, 'memory.part');
  for (const until = performance.now() + 60_000; performance.now() < until; await sleep(1))
    if (existsSync(file)) return;
  throw new Error('the memory was never written');
}

/** How many milliseconds a suspend takes here and now; the guest runs again afterwards. */
async function timeOf(client: InstanceClient): Promise<number> {
  const startedMs = performance.now();
  expectSuccess(await client.run('instances.suspend', guest));
  const lastsMs = performance.now() - startedMs;
  await bringTo(client, 'running');
  return lastsMs;
}

function spread(calls: number): readonly number[] {
  const all = Array.from({ length: calls }, (_, index) => index + 1);
  if (calls <= mostPoints) return all;
  return Array.from({ length: mostPoints }, (_, index) => 1 + Math.round((index * (calls - 1)) / (mostPoints - 1)));
}
