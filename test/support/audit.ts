// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findHierarchies } from '../../native-helper/confinement/cgroups/hierarchies.ts';
import { parseDocument } from '../../native-helper/store/document.ts';
import { instanceDocument, type InstanceRecord } from '../../native-helper/store/instance-record.ts';
import { imageRecord } from '../../native-helper/images/vault/image-record.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { hostTraces } from './host-traces.ts';

const run = promisify(execFile);
const settleMs = 4000;
const firstMachineUid = 1_900_000_000;

export interface AuditedHost {
  readonly stateDirectory: string;
  readonly runDirectory: string;
  /** Files of users, which access lists may open to machines. */
  readonly home: string;
  /** The directory of all of the above: whatever process or mount names it is of this helper. */
  readonly directory: string;
  readonly pid: number | undefined;
}

/**
 * What is wrong with a helper's state, host and answers; nothing where all of it is in order. The helper runs and has
 * nothing under way. What ends by itself is waited for.
 */
export async function audit(host: AuditedHost, client: HelperConnection): Promise<string[]> {
  const list = await client.request('instances.list', {});
  const faults = list
    .filter(({ state }) => ['broken', 'unknown', 'creating', 'restarting'].includes(state))
    .map(({ name, state }) => `${name} is ${state}`);
  const running = list
    .filter(({ state }) => state === 'running' || state === 'paused')
    .map(({ name }) => name as string);
  const records = await readRecords(
    host,
    list.map(({ name }) => name),
    faults,
  );
  await auditInstances(host, records, faults);
  await auditImages(host, client, faults);
  await auditReservations(host, records, faults);
  const settled = await untilQuiet(async () => [
    ...(await auditNames(host)),
    ...(await auditAccess(host, records)),
    ...(await auditHost(host, records, running)),
  ]);
  return [...faults, ...settled];
}

/** Processes that a killed helper had begun end a moment later. */
async function untilQuiet(look: () => Promise<string[]>): Promise<string[]> {
  for (const until = performance.now() + settleMs; ; await delay(50)) {
    const faults = await look();
    if (faults.length === 0 || performance.now() > until) return faults;
  }
}

async function readRecords(
  { stateDirectory }: AuditedHost,
  names: readonly string[],
  faults: string[],
): Promise<InstanceRecord[]> {
  const directories = await readdir(path.join(stateDirectory, 'instances'));
  for (const name of directories.filter((each) => !names.includes(each)))
    faults.push(`instances/${name} is there and not listed`);
  const found = await Promise.all(
    names.map(async (name) => {
      try {
        const file = path.join(stateDirectory, 'instances', name, 'instance.json');
        return [parseDocument(instanceDocument, await readFile(file, 'utf8'), file)];
      } catch (error) {
        faults.push(`the record of ${name}: ${String(error)}`);
        return [];
      }
    }),
  );
  return found.flat();
}

/**
 * No temporary name anywhere, nothing set aside, nothing under way: of what a helper writes beside its start for a
 * moment only.
 */
async function auditNames({ stateDirectory, runDirectory }: AuditedHost): Promise<string[]> {
  const faults: string[] = [];
  for (const directory of [stateDirectory, runDirectory]) {
    for (const file of await readdir(directory, { recursive: true })) {
      const name = path.basename(file);
      if (name.startsWith('.') || /corrupt|\.new|aside|\.partial$|~$|\.tmp/.test(name)) faults.push(`left: ${file}`);
    }
  }
  for (const directory of ['operations', 'work', 'ledger'])
    for (const name of await entries(path.join(stateDirectory, directory))) faults.push(`left: ${directory}/${name}`);
  return faults;
}

/** What is there of a saved memory. */
async function memoryOf(directory: string): Promise<string> {
  return (await entries(directory)).filter((each) => each.startsWith('memory')).join(' ');
}

/** Each instance has all that it is made of, and a user of its own. */
async function auditInstances(
  { stateDirectory }: AuditedHost,
  records: readonly InstanceRecord[],
  faults: string[],
): Promise<void> {
  for (const { name, runAs, suspended } of records) {
    const kept = await memoryOf(path.join(stateDirectory, 'instances', name));
    if (kept !== (suspended ? 'memory' : '')) faults.push(`the memory of ${name}: ${kept}`);
    for (const file of ['disk.qcow2', 'seed.iso']) {
      const found = await lstat(path.join(stateDirectory, 'instances', name, file)).catch(() => undefined);
      if (found?.uid !== runAs.uid)
        faults.push(`${name}/${file} is ${found === undefined ? 'gone' : `user ${found.uid}'s`}`);
    }
    if (!(await entries(path.join(stateDirectory, 'instances', name))).includes('secrets.json'))
      faults.push(`${name} has no key`);
  }
  for (const what of ['id', 'uuid', 'mac'] as const)
    if (new Set(records.map((record) => record[what])).size < records.length)
      faults.push(`two instances have one ${what}`);
  if (new Set(records.map(({ runAs }) => runAs.uid)).size < records.length) faults.push('two instances have one user');
}

async function auditImages({ stateDirectory }: AuditedHost, client: HelperConnection, faults: string[]): Promise<void> {
  const listed = await client.request('images.list', {});
  const aliases = listed.flatMap((image) => image.aliases);
  if (new Set(aliases).size < aliases.length) faults.push(`one alias on two images: ${aliases.join(' ')}`);
  for (const name of await readdir(path.join(stateDirectory, 'images'))) {
    if (name.includes('.corrupt-')) continue; // it goes by itself: auditNames waits for that
    const record = imageRecord.safeParse(
      JSON.parse(await readFile(path.join(stateDirectory, 'images', name, 'image.json'), 'utf8').catch(() => 'null')),
    );
    if (!record.success) {
      faults.push(`images/${name} has no record`);
      continue;
    }
    if (!listed.some(({ fingerprint }) => fingerprint === name)) faults.push(`images/${name} is not listed`);
    if (record.data.boot === 'kernel') continue; // of the disk that is there from the beginning nothing is written
    const hash = createHash('sha256');
    await pipeline(createReadStream(path.join(stateDirectory, 'images', name, 'disk.qcow2')), hash);
    if (hash.digest('hex') !== (record.data.diskDigest ?? name)) faults.push(`images/${name} is not what it says`);
  }
}

async function auditReservations(
  { stateDirectory }: AuditedHost,
  records: readonly InstanceRecord[],
  faults: string[],
): Promise<void> {
  const text = await readFile(path.join(stateDirectory, 'network.json'), 'utf8').catch(() => '{"reservations":[]}');
  const { reservations } = JSON.parse(text) as { readonly reservations: readonly { readonly mac: string }[] };
  for (const { mac } of reservations)
    if (!records.some((record) => record.mac === mac)) faults.push(`the address of ${mac} is nobody's`);
}

/** Access lists name exactly the users of machines that a grant of theirs explains. */
async function auditAccess({ home }: AuditedHost, records: readonly InstanceRecord[]): Promise<string[]> {
  const wanted = new Set(
    records.flatMap(({ runAs, security }) =>
      (security?.grants ?? []).flatMap(({ path: file, mode }) => [
        `${file} ${runAs.uid} ${mode === 'r' ? 'r--' : 'rw-'}`,
        ...foldersOn(file, home).map((folder) => `${folder} ${runAs.uid} --x`),
      ]),
    ),
  );
  const { stdout } = await run('getfacl', ['-R', '-n', '-p', '-s', '-E', home]);
  const present = new Set<string>();
  let file = '';
  for (const line of stdout.split('\n')) {
    file = /^# file: (.*)$/.exec(line)?.[1] ?? file;
    const [, uid = '', mode = ''] = /^user:(\d+):(\S+)/.exec(line) ?? [];
    if (Number(uid) >= firstMachineUid) present.add(`${file} ${uid} ${mode}`);
  }
  return [
    ...[...present].filter((entry) => !wanted.has(entry)).map((entry) => `access nobody recorded: ${entry}`),
    ...[...wanted].filter((entry) => !present.has(entry)).map((entry) => `access that is missing: ${entry}`),
  ];
}

/** Below the home, which all may enter. */
function foldersOn(file: string, home: string): string[] {
  const parts = path.relative(home, path.dirname(file)).split('/');
  return parts.map((_, index) => path.join(home, ...parts.slice(0, index + 1)));
}

/** Processes, devices, rules, cgroups, profiles, mounts, sockets: those of the machines that run, and no more. */
async function auditHost(
  host: AuditedHost,
  records: readonly InstanceRecord[],
  running: readonly string[],
): Promise<string[]> {
  const alive = records.filter(({ name }) => running.includes(name));
  const ids = alive.map(({ id }) => id);
  const shares = alive.flatMap(({ mounts = [] }) => mounts.map(({ id }) => id));
  const traces = await hostTraces(host);
  const owned = [
    ['tap', traces.taps.map((tap) => tap.slice(4))],
    ['run directory', traces.machineDirectories],
    ['cgroup', await cgroupsOf(records)],
  ] as const;
  return [
    ...(traces.machines.length === running.length
      ? []
      : [`${traces.machines.length} machines run, ${running.length} are listed`]),
    ...owned.flatMap(([what, present]) =>
      present.filter((id) => !ids.includes(id)).map((id) => `${what} of ${id}, which does not run`),
    ),
    ...(running.length === 0
      ? [...traces.bridges, ...traces.nftTables, ...(await entries(path.join(host.stateDirectory, 'profiles')))].map(
          (left) => `left: ${left}`,
        )
      : []),
    ...(await strayProcesses(host, { hasMachines: running.length > 0, servers: await serversOf(host, shares) })),
    ...(await mountsBelow(`${host.directory}/live`)),
    ...(await strayRunFiles(host, { hasMachines: running.length > 0, shares })),
  ];
}

async function strayRunFiles(
  { runDirectory }: AuditedHost,
  { hasMachines, shares }: { readonly hasMachines: boolean; readonly shares: readonly string[] },
): Promise<string[]> {
  const expected = new Set([
    'helper.sock',
    'stream.sock',
    'machines',
    'jail',
    'shares',
    'kvm-probe.json',
    ...(hasMachines ? ['network'] : []),
  ]);
  const inside = await Promise.all(
    ['jail', 'shares'].map(async (folder) =>
      (await entries(path.join(runDirectory, folder))).map((name) => `${folder}/${name}`),
    ),
  );
  const ofShares = new Set(shares.map((id) => `shares/${id}.json`));
  return [
    ...(await entries(runDirectory)).filter((name) => !expected.has(name)),
    ...inside.flat().filter((name) => !ofShares.has(name)),
  ].map((name) => `run file ${name}`);
}

async function mountsBelow(directory: string): Promise<string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  return lines
    .filter((line) => line.includes(directory) && line.split(' ')[4] !== directory)
    .map((line) => `mount ${line}`);
}

/** The server of each share that outlives its helper, and the helper, whose others end with it. */
async function serversOf({ runDirectory, pid }: AuditedHost, shares: readonly string[]): Promise<number[]> {
  const noted = await Promise.all(
    shares.map(
      async (id) => await readFile(path.join(runDirectory, 'shares', `${id}.json`), 'utf8').catch(() => undefined),
    ),
  ); // of sshfs there is none
  const pids = noted.flatMap((text) =>
    text === undefined ? [] : [(JSON.parse(text) as { readonly process: { readonly pid: number } }).process.pid],
  );
  return shares.length > 0 && pid !== undefined ? [...pids, pid] : pids;
}

async function strayProcesses(
  { directory, pid }: AuditedHost,
  { hasMachines, servers }: { readonly hasMachines: boolean; readonly servers: readonly number[] },
): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== pid);
  const found = await Promise.all(
    pids.map(async (each) => {
      // gone meanwhile
      const words = (await readFile(`/proc/${each}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
      if (
        !words.includes(`${directory}/live`) ||
        (hasMachines && /qemu-system|dnsmasq/.test(words)) ||
        (await isOfOne(Number(each), servers))
      )
        return [];
      return [`process ${each}: ${words.slice(0, 150)}`];
    }),
  );
  return found.flat();
}

/** Whether a process is one of these, or below one. */
async function isOfOne(pid: number, others: readonly number[]): Promise<boolean> {
  for (
    let each = pid;
    each > 1;
    each = Number(/^PPid:\s+(\d+)/m.exec(await readFile(`/proc/${each}/status`, 'utf8').catch(() => ''))?.[1] ?? 0)
  )
    if (others.includes(each)) return true;
  return false;
}

/**
 * A name for an instance whose cgroups are found when nothing else is left of it: other helpers of this computer have
 * cgroups too.
 */
export function ofThisProcess(name: string): string {
  return `${name}-${process.pid}`;
}

/** By the ids of their machines. Ours are those of a record that is known, and those whose name says so. */
async function cgroupsOf(records: readonly InstanceRecord[]): Promise<string[]> {
  const { v2, v1 } = await findHierarchies();
  const names = await Promise.all(
    [...(v2 === undefined ? [] : [v2]), ...Object.values(v1)].map((root) => entries(path.join(root, 'berth.slice'))),
  );
  const known = new Set(records.map(({ id }) => id));
  const isOurs = (name: string): boolean =>
    name.includes(`${ofThisProcess('')}.`) || known.has(name.slice(name.lastIndexOf('.') + 1));
  return [...new Set(names.flat())].filter(isOurs).map((name) => name.slice(name.lastIndexOf('.') + 1));
}

async function entries(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(() => [])).sort((a, b) => (a < b ? -1 : 1)); // not made yet
}
