// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Denial, DenialList } from '#contract/denials.ts';
import type { InstanceName, MacAddress } from '#contract/names.ts';
import { connectHelper } from '../../../../client/connect-helper.ts';
import type { HelperConnection } from '../../../../client/helper-connection.ts';
import { compose } from '../../../../native-helper/compose.ts';
import { readConfig } from '../../../../native-helper/config.ts';
import type { MachineSpec } from '../../../../native-helper/core/seams/machine-spec.ts';
import { LinuxNetwork } from '../../../../native-helper/network/linux-backend.ts';
import { LocalProcessRunner } from '../../../../native-helper/process/runner.ts';
import type { InstanceRecord } from '../../../../native-helper/store/instance-record.ts';
import { createFixture, log, startMachine, type Fixture } from '../../../integration/hypervisor/fixture.ts';
import { check, refusal } from '../check.ts';
import { Intruder } from '../intruder.ts';

const name = 'vm-told' as InstanceName;
const mac = '52:54:00:12:34:77' as MacAddress;
const file = '/home/lab/disc.img';
const oddFile = '/home/lab/with space, and "quotes"';
const signal = AbortSignal.timeout(600_000);

/**
 * From the kernel's refusal to the API: what was refused before the helper lived and while it does, and what the kernel
 * did not print.
 */
export async function checkDenials(): Promise<void> {
  await using fixture = await createFixture('/var/lib');
  await using undo = new AsyncDisposableStack();
  await mkdir('/home/lab', { recursive: true });
  for (const each of [file, oddFile]) await writeFile(each, Buffer.alloc(65_536));
  const machine = await fixture.machine(name, {
    nics: [{ id: 'nic0', mac, tap: 'tap-6f6c6c64', place: { bus: 'pcie.0', slot: 3 } }],
  });
  const network = new LinuxNetwork({ files: fixture.files, runner: new LocalProcessRunner(), log });
  await network.reconcile([], signal);
  const tap = await network.attach({ instance: name, mac, tap: 'tap-6f6c6c64', owner: machine.owner }, signal);
  const running = await startMachine(fixture.hypervisor, machine, [tap], { signal, log, undo });
  running.release();
  await network.close(); // the helper takes it over, with the machine
  await writeRecord(fixture, machine, running.process);
  // else the files' own modes would refuse before AppArmor is asked
  await using intruder = await Intruder.enterAsRoot(machine);
  check(
    'denials',
    "a file that is not the machine's stays closed",
    (await intruder.open(file, true)).includes('Permission denied'),
  );

  const helper = await compose(
    await readConfig([
      '--state-dir',
      fixture.files.stateDirectory,
      '--run-dir',
      fixture.files.runDirectory,
      '--config-dir',
      `${fixture.root}/config`,
      '--group',
      'root',
      '--accelerator',
      'tcg',
      '--log-level',
      'warn',
      '--validate-results',
    ]),
    log,
  );
  const client = await connectHelper({ runDirectory: fixture.files.runDirectory, clientName: 'lab' });
  try {
    await checkTold(client, intruder);
    await checkNever(client, intruder);
    await checkOwn(client);
    await checkAllowed(client, machine);
    await checkLost(client, intruder);
  } finally {
    await running.kill();
    const hasEnded = await isGone(client);
    check('denials', "the machine's end is noticed by the helper that took it over", hasEnded);
    client.close();
    await helper.close();
  }
}

async function checkTold(client: HelperConnection, intruder: Intruder): Promise<void> {
  const before = await until(client, (list) => of(list, file) !== undefined);
  const known = of(before, file);
  check('denials', 'what was refused before the helper began is told by the API', known?.count === 1, before);
  check(
    'denials',
    'in plain words, with the rule and what may be allowed',
    isTold(known, { rule: `"${file}" r,`, word: 'read', offers: 2 }),
    known,
  );
  check(
    'denials',
    'and where it was seen',
    before.source.state === 'watching' && before.source.detail.includes('/dev/kmsg'),
    before.source,
  );
  const total = await announcedAfter(client, before.denials.length, async () => {
    await intruder.open(file, false);
    await intruder.open(oddFile, true);
  });
  check('denials', 'a new one comes as an event', total > before.denials.length, total);
  const after = await until(client, (list) => of(list, file)?.count === 2);
  check(
    'denials',
    'the same file is one denial, with all that was tried',
    isTold(of(after, file), { rule: `"${file}" rw,`, word: 'write', offers: 2 }),
    of(after, file),
  );
  check(
    'denials',
    'a name that the kernel writes in hex is read',
    of(after, oddFile) !== undefined,
    after.denials.map(({ subject }) => subject),
  );
}

async function checkNever(client: HelperConnection, intruder: Intruder): Promise<void> {
  for (const [what, path, word] of [
    ['passwords', '/etc/shadow', 'secrets'],
    ["another program's memory", '/proc/1/environ', 'running programs'],
  ] as const) {
    await intruder.open(path, true);
    const told = of(await until(client, (list) => of(list, path) !== undefined, 5_000), path);
    check('denials', `${what}: told, and not to be allowed`, isTold(told, { word, offers: 0 }), told);
  }
  await intruder.run('migrate', { uri: 'exec:cat > /tmp/escaped' });
  const exec = (await until(client, ({ denials }) => denials.some(({ kind }) => kind === 'exec'), 10_000)).denials.find(
    ({ kind }) => kind === 'exec',
  );
  check(
    'denials',
    'an attempt to start a program is told as that, and not to be allowed',
    isTold(exec, { word: 'start the program', offers: 0 }),
    exec,
  );
}

/** A program of another kind in the profile of dnsmasq: the kernel refuses to map it. */
async function checkOwn(client: HelperConnection): Promise<void> {
  await promisify(execFile)('aa-exec', ['-p', 'multipass.dnsmasq', '--', '/bin/cat', '/etc/shadow']).catch(
    () => undefined,
  ); // it is refused: that is the point
  let own: readonly Denial[] = [];
  for (const end = performance.now() + 20_000; performance.now() < end && own.length === 0; await delay(100))
    own = (await client.request('denials.own', {})).denials.filter(({ utility }) => utility === 'dnsmasq');
  check(
    'denials',
    "what a program of no instance was refused is told as Berth's own, with nothing to decide",
    own.length > 0 &&
      own.every(
        ({ explanation, offers }) =>
          explanation.startsWith('The address server (dnsmasq) tried to') && offers.length === 0,
      ),
    own,
  );
  const { denials } = await client.request('denials.list', { name });
  check(
    'denials',
    "and as no instance's",
    denials.every(({ utility }) => utility !== 'dnsmasq'),
    denials.map(({ utility }) => utility),
  );
}

/** Decisions become grants: rule and access list, at once, in the profile that stays in force. */
async function checkAllowed(client: HelperConnection, machine: MachineSpec): Promise<void> {
  await using intruder = await Intruder.enter(machine);
  const list = await client.request('denials.list', { name });
  const id = of(list, file)?.id ?? '';
  check(
    'allow',
    "before, the machine's user may not read it",
    (await intruder.open(file, true)).includes('Permission denied'),
  );
  const read = await client.request('denials.decide', { name, id, choice: 'read' });
  check('allow', 'reading takes effect at once', read.effect === 'now' && read.decision?.choice === 'read', read);
  check('allow', 'and the file opens', (await intruder.open(file, true)) === 'opened');
  const written = await intruder.open(file, false);
  check('allow', 'but not for writing', written.includes('Permission denied'), written);
  const both = await client.request('denials.decide', { name, id, choice: 'read-write' });
  const opened = await intruder.open(file, false);
  check('allow', 'until that is allowed too', both.effect === 'now' && opened === 'opened', opened);
  const { label, labelMode, access } = await client.request('instances.security', { name });
  check(
    'allow',
    'the machine stays in its profile, enforcing',
    label === `multipass.${name}.qemu-system-x86_64` && labelMode === 'enforce',
    { label, labelMode },
  );
  check(
    'allow',
    'what it can touch says so',
    access.some(({ purpose, what, mode }) => purpose === 'granted' && what === file && mode === 'rw'),
    access,
  );
  const secret = of(list, '/etc/shadow')?.id ?? '';
  const refused = await refusal(() => client.request('denials.decide', { name, id: secret, choice: 'read' }));
  check(
    'allow',
    'what must never be allowed is not, and it is said why',
    refused.includes('/etc/shadow') && refused.includes('passwords'),
    refused,
  );
  const blocked = await client.request('denials.decide', { name, id, choice: 'keep-blocked' });
  const again = await intruder.open(file, true);
  check(
    'allow',
    'what was allowed can be taken back at once',
    blocked.effect === 'now' && again.includes('Permission denied'),
    again,
  );
}

/** The greatest number of denials that an event told within a while of `act`. */
async function announcedAfter(client: HelperConnection, known: number, act: () => Promise<void>): Promise<number> {
  const announced = Promise.withResolvers<number>();
  await client.request('events.subscribe', {});
  const stop = client.onEvent(({ body }) => {
    const total =
      body.topic === 'instance.changed' && body.instance.name === name ? (body.instance.denials?.total ?? 0) : 0;
    if (total > known) announced.resolve(total);
  });
  await act();
  const total = await Promise.race([announced.promise, delay(20_000, 0)]);
  stop();
  return total;
}

function isTold(
  denial: Denial | undefined,
  { rule, word, offers }: { readonly rule?: string; readonly word: string; readonly offers: number },
): boolean {
  return (
    denial !== undefined &&
    (rule === undefined || denial.rule === rule) &&
    denial.explanation.includes(word) &&
    denial.offers.length === offers
  );
}

/** The kernel's own limit on its log: ten lines in five seconds. */
async function checkLost(client: HelperConnection, intruder: Intruder): Promise<void> {
  await writeFile('/proc/sys/kernel/printk_ratelimit', '5');
  for (let count = 0; count < 40; count += 1) await intruder.open('/etc/hostname', true);
  await delay(6000); // until the kernel prints again: there is no event for it
  await writeFile('/proc/sys/kernel/printk_ratelimit', '0');
  await intruder.open('/etc/hosts', true);
  const list = await until(client, ({ source }) => source.lost !== undefined, 10_000);
  check(
    'denials',
    'what the kernel counted and did not print is noticed',
    (list.source.lost?.count ?? 0) >= 10,
    list.source,
  );
}

async function isGone(client: HelperConnection): Promise<boolean> {
  for (const end = performance.now() + 20_000; performance.now() < end; await delay(100)) {
    if ((await client.request('instances.list', {})).every(({ state }) => state === 'stopped')) return true;
  }
  return false;
}

function of({ denials }: DenialList, subject: string): Denial | undefined {
  return denials.find((each) => each.subject === subject);
}

async function until(
  client: HelperConnection,
  isEnough: (list: DenialList) => boolean,
  limitMs = 20_000,
): Promise<DenialList> {
  for (const end = performance.now() + limitMs; ;) {
    const list = await client.request('denials.list', { name });
    if (isEnough(list) || performance.now() > end) return list;
    await delay(100);
  }
}

/** The record of an instance whose machine runs: the helper takes it over. */
async function writeRecord(
  fixture: Fixture,
  machine: MachineSpec,
  process: { readonly pid: number; readonly startTicks: number },
): Promise<void> {
  const record: InstanceRecord = {
    schema: 2,
    revision: 1,
    id: '6f6c6c64',
    uuid: machine.uuid,
    name,
    owner: { uid: 1000, gid: 1000 },
    runAs: machine.owner,
    createdAt: new Date(0).toISOString(),
    launchedAt: new Date(0).toISOString(),
    desired: 'running',
    image: {
      fingerprint: '0'.repeat(64) as InstanceRecord['image']['fingerprint'],
      title: 'none',
      os: 'none',
      release: '1',
      defaultUser: 'user',
      architecture: 'x86_64',
    },
    cpus: 1,
    memoryBytes: machine.memoryBytes,
    diskBytes: 1024 ** 3,
    mac,
    hostKey: 'ssh-ed25519 AAAA',
    boots: [{ number: 1, startedAt: new Date(0).toISOString(), phases: [] }],
    machine: {
      spec: machine,
      process: { ...process },
      boot: 1,
    },
  };
  await writeFile(fixture.files.instance(name).record, JSON.stringify(record), { mode: 0o600 });
}
