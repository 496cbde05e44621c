// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { HostCheck } from '#contract/system.ts';
import { helperProfileName } from '../../../native-helper/confinement/profiles/helper.ts';
import { asQcow2, fullDisk } from '../../support/disk-content.ts';
import { ImageServer } from '../../support/image-server.ts';
import { digest } from '../../support/image-trees.ts';
import { InstanceClient } from '../../support/instance-client.ts';
import { MountClient } from '../../support/mount-client.ts';
import { check } from './check.ts';
import { copyBothWays } from './copy-both-ways.ts';
import { newDenials } from './denials.ts';
import { WholeHelper } from './whole-helper.ts';

const execute = promisify(execFile);
const name = 'living';
/** A guest under emulation in a guest under emulation boots in one to three minutes. */
const bootSeconds = 420;
const mountLimitMs = 300_000;
/**
 * The probe's seconds can be too few for a KVM that is emulated on a busy computer; a sound one needs a tenth of one.
 */
const mostProbes = 4;
/** What the lab's kernel and computer lack, each with the reason why that is no fault of ours. */
const lacking: readonly { readonly id: HostCheck['id']; readonly summary: RegExp }[] = [
  { id: 'storage', summary: /free for images and disks/ }, // half of the lab's memory is all there is to write on
  // KVM inside of an emulation, which a busy computer does not give its five seconds
  { id: 'kvm', summary: /did not get through its start/ },
];

interface Options {
  /** The helper's own profile lets through what it would refuse, and the kernel notes it. */
  readonly isComplaining?: boolean;
}

/**
 * One helper as the service runs it, and what its users do with it. After each step the kernel's log is looked at:
 * nothing may have been refused.
 */
export class HelperLife implements AsyncDisposable {
  readonly #area: string;
  readonly #helper: WholeHelper;
  readonly #isComplaining: boolean;
  #client: InstanceClient;

  private constructor(area: string, helper: WholeHelper, client: InstanceClient, isComplaining: boolean) {
    this.#area = area;
    this.#helper = helper;
    this.#client = client;
    this.#isComplaining = isComplaining;
  }

  static async begin(area: string, place: string, { isComplaining = false }: Options = {}): Promise<HelperLife> {
    await newDenials();
    const complain = async (): Promise<void> => {
      await execute('apparmor_parser', [
        '--replace',
        '--Complain',
        '--skip-cache',
        '--quiet',
        '--Include',
        `${place}/state/profiles`,
        `${place}/state/profiles/${helperProfileName}`,
      ]);
    };
    const helper = await WholeHelper.start(place, isComplaining ? { prepareProfile: complain } : {});
    const connection = await helper.connect();
    const life = new HelperLife(area, helper, new InstanceClient(connection), isComplaining);
    const label = (await readFile(`/proc/${helper.pid}/attr/apparmor/current`, 'utf8')).trim();
    check(
      area,
      'it runs in its own profile',
      label === `${helperProfileName} (${isComplaining ? 'complain' : 'enforce'})`,
      label,
    );
    await life.#lookAtLog('its start');
    for (let tries = 1; tries < mostProbes && (await life.#isProbeLate()); tries += 1) await life.#startAnew('SIGTERM');
    return life;
  }

  /** The doctor finds nothing that lacks. */
  async examine(): Promise<void> {
    const { checks } = await this.#client.connection.request('system.doctor', {});
    const bad = checks.filter(
      ({ id, state, summary }) =>
        state !== 'good' &&
        !(this.#isComplaining && id === 'apparmor-profiles') &&
        !lacking.some((each) => each.id === id && each.summary.test(summary)),
    );
    check(
      this.#area,
      'the doctor finds all in order',
      bad.length === 0,
      bad.length === 0 ? checks.map(({ id, state, summary }) => [id, state, summary]) : bad,
    );
    await this.#lookAtLog("the doctor's looks");
  }

  async launch(): Promise<void> {
    const launched = await this.#client.launch(name, { timeoutSeconds: bootSeconds, isAllowedWithoutAppArmor: false });
    const { accelerator } = await this.#client.connection.request('system.info', {});
    check(this.#area, 'launches an instance whose guest answers', launched.state === 'succeeded', {
      accelerator,
      error: launched.error,
      printed: this.#helper.printed.slice(-1000),
    });
    const { layers } = await this.#client.connection.request('instances.security', { name: name as never });
    check(
      this.#area,
      'all its layers are on',
      layers.length > 0 && layers.every(({ state }) => state === 'on'),
      layers,
    );
    await this.#lookAtLog('a launch');
  }

  /** A folder of root's, with a file in it that the guest writes. */
  async share(type: 'virtiofs' | 'sshfs'): Promise<void> {
    const folder = folderOf(type);
    await mkdir(folder, { recursive: true });
    await writeFile(`${folder}/from-host`, 'host\n');
    await chown(folder, 0, 0);
    const target = targetOf(type);
    const mounts = new MountClient(this.#client.connection);
    await mounts.add(name, folder, { type, target, isNotifying: true });
    const list = await mounts.until(
      name,
      (all) => all.some((each) => each.target === target && each.state === 'connected'),
      mountLimitMs,
    );
    check(
      this.#area,
      `a folder is there by ${type}`,
      list.some((each) => each.target === target && each.transport === type),
      list,
    );
    await this.#lookAtLog(`a share by ${type}`);
  }

  /** A command in the guest, one that writes in each folder, and the console. */
  async work(): Promise<void> {
    const folders = await this.#client.connection.request('mounts.list', { name: name as never });
    const words = folders
      .map(({ target }) => `cat ${target}/from-host && echo guest > ${target}/from-guest`)
      .join(' && ');
    const answer = await this.#client.exec(name, 'sudo', 'sh', '-c', words);
    const written = await Promise.all(
      folders.map(({ source }) => readFile(`${source}/from-guest`, 'utf8').catch(String)),
    );
    check(
      this.#area,
      'a command runs in it and works in its folders',
      answer.exitCode === 0 && written.every((text) => text === 'guest\n'),
      { answer, written },
    );
    const text = await this.#client.console(name, (printed) => printed.length > 200);
    check(this.#area, 'its console is told', text.length > 200, text.slice(0, 200));
    await this.#lookAtLog('work in the guest');
  }

  /** Ended in that way, and started anew: machine and folders were there all the time, or are again. */
  async restart(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const before = await this.#client.connection.request('instances.info', { name: name as never });
    await this.#startAnew(signal);
    const after = await this.#client.connection.request('instances.info', { name: name as never });
    check(
      this.#area,
      `after ${signal} the next helper takes the machine over`,
      after.state === 'running' && after.pid === before.pid,
      { state: after.state, pid: after.pid, before: before.pid, printed: this.#helper.printed.slice(-1500) },
    );
    const mounts = await new MountClient(this.#client.connection).until(
      name,
      (list) => list.every(({ state }) => state === 'connected'),
      mountLimitMs,
    );
    check(this.#area, `after ${signal} its folders are there`, mounts.length === (before.mounts?.length ?? 0), mounts);
    await this.#lookAtLog(`${signal} and a new start`);
  }

  /** A file of a user's for the machine, and taken back. */
  async grant(): Promise<void> {
    const file = '/home/given.iso';
    await writeFile(file, Buffer.alloc(4096), { mode: 0o600 });
    const { connection } = this.#client;
    const given = await connection.request('instances.grant', { name: name as never, path: file, mode: 'r' });
    const taken = await connection.request('instances.revoke', { name: name as never, path: file });
    check(
      this.#area,
      'gives a file and takes it back',
      given.access.some(({ what }) => what === file) && taken.settings.grants.length === 0,
      given.access,
    );
    await this.#lookAtLog('a grant');
  }

  async transfer(): Promise<void> {
    const result = await copyBothWays(this.#client.connection, name);
    check(this.#area, 'copies a file into the guest and out', result === 'same', result);
    await this.#lookAtLog('copies');
  }

  /** An import of a file, one of a URL, and a look at what publishers offer. */
  async useImages(): Promise<void> {
    const { connection } = this.#client;
    const disk = await asQcow2(fullDisk(4 * 2 ** 20));
    await writeFile('/home/disk.qcow2', disk);
    const { operationId: imported } = await connection.request('images.import', {
      path: '/home/disk.qcow2',
      format: 'qcow2',
      alias: 'mine' as never,
    });
    const first = await this.#client.wait(imported);
    check(this.#area, 'imports a disk', first.state === 'succeeded', first.error);
    await this.#lookAtLog('an import');
    const server = await ImageServer.start();
    const content = await asQcow2(fullDisk(5 * 2 ** 20));
    server.put('disk.qcow2', content);
    const { operationId } = await connection.request('images.import-url', {
      url: `${server.url}disk.qcow2`,
      format: 'qcow2',
      alias: 'fetched' as never,
      sha256: digest('sha256', content),
    });
    const fetched = await this.#client.wait(operationId);
    check(this.#area, 'fetches a disk from a server', fetched.state === 'succeeded', fetched.error);
    const { operationId: refreshed } = await connection.request('images.refresh', { maxAgeSeconds: 0 });
    await this.#client.wait(refreshed);
    await server.close(); // no publisher can be reached from here: the way there is what is looked at
    await connection.request('images.catalogue', {});
    await this.#lookAtLog('fetching from servers');
  }

  async loosen(): Promise<void> {
    const { connection } = this.#client;
    const complaining = await connection.request('instances.set-security', { name: name as never, mode: 'complain' });
    const enforcing = await connection.request('instances.set-security', { name: name as never, mode: 'enforce' });
    check(
      this.#area,
      'switches to complain mode and back',
      complaining.labelMode === 'complain' && enforcing.labelMode === 'enforce',
    );
    await this.#lookAtLog('a change of mode');
  }

  async stop(): Promise<void> {
    const stopped = await this.#client.run('instances.stop', name);
    check(this.#area, 'stops it', stopped.state === 'succeeded', stopped.error);
    await this.#lookAtLog('a stop');
  }

  async start(): Promise<void> {
    const started = await this.#client.run('instances.start', name);
    check(this.#area, 'starts it again', started.state === 'succeeded', started.error);
    const mounts = await new MountClient(this.#client.connection).until(
      name,
      (list) => list.every(({ state }) => state === 'connected'),
      mountLimitMs,
    );
    for (const { target } of mounts) await new MountClient(this.#client.connection).remove(name, target);
    await this.#lookAtLog('a start, and unmounting');
  }

  async binAndBack(): Promise<void> {
    for (const method of ['instances.delete', 'instances.recover', 'instances.delete', 'instances.purge'] as const) {
      const { state, error } = await this.#client.run(method, name);
      check(this.#area, method, state === 'succeeded', error);
    }
    await this.#lookAtLog('deleting, recovering and purging');
  }

  /** By root, beside the helper that still runs. */
  async uninstall(): Promise<void> {
    this.#client.connection.close();
    const said = await this.#helper.uninstall();
    check(this.#area, 'is taken away', said.includes('are gone'), said);
    await this.#lookAtLog('an uninstallation');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.connection.close();
    await this.#helper[Symbol.asyncDispose]();
  }

  async #startAnew(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    await this.#helper.end(signal);
    await this.#helper.startAgain();
    this.#client = new InstanceClient(await this.#helper.connect());
  }

  async #isProbeLate(): Promise<boolean> {
    const { checks } = await this.#client.connection.request('system.doctor', {});
    return checks.some(({ id, summary }) => id === 'kvm' && summary.includes('did not get through its start'));
  }

  async #lookAtLog(during: string): Promise<void> {
    const lines = await newDenials();
    check(
      this.#area,
      `nothing was refused to a program of ours during ${during}`,
      lines.length === 0,
      summaryOf(lines),
    );
  }
}

const folderOf = (type: string): string => `/home/by-${type}`;
const targetOf = (type: string): string => `/mnt/${type}`;

/** Each right once, with how often it was missed. */
function summaryOf(lines: readonly string[]): string {
  const rights = lines.map((line) =>
    line
      .replace(/^.*?apparmor=/, '')
      .replaceAll(/ (?:pid|peer_pid|fsuid|ouid)=\S+/g, '')
      .replaceAll(/\/proc\/\d+/g, '/proc/N'),
  );
  const counted = Map.groupBy(rights, (right) => right);
  return [...counted].map(([right, all]) => `${all.length}x ${right}`).join('\n');
}
