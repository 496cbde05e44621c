// SPDX-License-Identifier: MIT
// The computer loses its power and is on again.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { instanceName } from '#contract/names.ts';
import type { OperationSummary } from '#contract/operations.ts';
import { expectSuccess } from '../../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';
import { hostTraces } from '../../support/host-traces.ts';
import { InstanceClient } from '../../support/instance-client.ts';
import { signalProcess } from '../../support/signal-process.ts';

const run = promisify(execFile);
const limitMs = 600_000;
/** As long as an instance keeps the next one waiting. */
const longestTurnMs = 120_000;
/** In the order in which they were last started. */
const ran = ['lynx', 'bear', 'adder'] as const;
let helper: HelperProcess;
let client: InstanceClient;

beforeAll(async () => {
  helper = await startHelper();
  client = new InstanceClient(await helper.connect());
  for (const name of ['otter', ...ran]) expectSuccess(await client.launch(name));
  expectSuccess(await client.run('instances.stop', 'otter'));
}, limitMs);
afterAll(async () => await helper?.stop(), limitMs);

test(
  'instances that ran are started again in their order, two at a time; the one that was stopped is not',
  async () => {
    await losePower();
    await helper.restart();
    client = new InstanceClient(await helper.connect());
    expect((await starts()).map(({ target }) => target)).toEqual(ran);
    await helper.terminate(); // whoever ends the helper meanwhile ends none of the starts that are owed
    await helper.restart();
    client = new InstanceClient(await helper.connect());
    for (const { id } of await starts()) expectSuccess(await client.wait(id));
    expect(await states()).toEqual({ otter: 'stopped', lynx: 'running', bear: 'running', adder: 'running' });
    const boots = await Promise.all(ran.map(lastBoot));
    const [first, second, third] = boots.sort((a, b) => a.startedMs - b.startedMs) as [Boot, Boot, Boot];
    expect(third.startedMs).toBeGreaterThanOrEqual(
      Math.min(...[first, second].map(({ startedMs, answeredMs }) => Math.min(answeredMs, startedMs + longestTurnMs))),
    );
    expect(await client.exec('adder', 'hostname')).toMatchObject({ stdout: 'adder\n' });
  },
  limitMs,
);

test(
  'one that waits for its turn can be stopped, and one whose stop was under way stays stopped',
  async () => {
    await losePower();
    await helper.restart();
    client = new InstanceClient(await helper.connect());
    expect(await client.state('adder')).toBe('starting');
    expectSuccess(await client.run('instances.stop', 'adder', { force: true }));
    const begun = (await client.connection.request('operations.list', {})).find(
      ({ target, state }) => target === 'lynx' && state === 'running',
    );
    if (begun) expectSuccess(await client.wait(begun.id));
    await client.connection.request('instances.stop', { name: instanceName.parse('lynx'), force: false });
    await losePower();
    await helper.restart();
    client = new InstanceClient(await helper.connect());
    expect(await states()).toMatchObject({ otter: 'stopped', lynx: 'stopped', bear: 'starting', adder: 'stopped' });
    expectSuccess(await client.run('instances.stop', 'bear', { force: true }));
  },
  limitMs,
);

test(
  'where the administrator does not want it, nothing is started, then or later',
  async () => {
    expectSuccess(await client.run('instances.start', 'bear'));
    await mkdir(helper.configDirectory, { recursive: true });
    const policy = path.join(helper.configDirectory, 'policy.conf');
    await writeFile(policy, 'start_again = 0\n');
    await losePower();
    await helper.restart();
    await rm(policy);
    await helper.terminate();
    await helper.restart();
    client = new InstanceClient(await helper.connect());
    expect(await states()).toEqual({ otter: 'stopped', lynx: 'stopped', bear: 'stopped', adder: 'stopped' });
  },
  limitMs,
);

/** Nothing runs any more, what lay in memory is gone, and the host has another boot. */
async function losePower(): Promise<void> {
  await helper.kill9();
  for (const pid of (await hostTraces(helper)).machines) signalProcess(pid, 'SIGKILL');
  for (const pid of await processesOf(helper.runDirectory)) signalProcess(pid, 'SIGKILL');
  for (const link of JSON.parse((await run('ip', ['-json', 'link'])).stdout) as { ifname: string }[])
    // a tap goes with its machine
    if (link.ifname !== 'lo') await run('ip', ['link', 'del', link.ifname]).catch(() => undefined);
  await run('nft', ['flush', 'ruleset']);
  await rm(helper.runDirectory, { recursive: true });
  const own = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  await run('sh', [
    '-ec',
    'grep -rlFZ -e "$2" "$1" | xargs -0r sed -i "s/$2/$3/g"',
    'sh',
    helper.stateDirectory,
    own,
    randomUUID(),
  ]);
}

/** The processes whose command line names a directory: those that serve the network. */
async function processesOf(directory: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''); // it may end meanwhile
      return words.includes(directory) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

/** The starts that have not ended. */
async function starts(): Promise<OperationSummary[]> {
  return (await client.connection.request('operations.list', {})).filter(
    ({ kind, state }) => kind === 'start' && state === 'running',
  );
}

async function states(): Promise<Record<string, string>> {
  return Object.fromEntries(
    (await client.connection.request('instances.list', {})).map(({ name, state }) => [name, state]),
  );
}

interface Boot {
  readonly startedMs: number;
  readonly answeredMs: number;
}

async function lastBoot(name: string): Promise<Boot> {
  const boot = (await client.connection.request('instances.info', { name: instanceName.parse(name) })).boots?.at(-1);
  const answered = boot?.phases.find(({ phase }) => phase === 'sshd')?.endedAt;
  return { startedMs: Date.parse(boot?.startedAt ?? ''), answeredMs: Date.parse(answered ?? '') };
}
