// SPDX-License-Identifier: MIT
import { constants } from 'node:fs';
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sentence } from '#messages/say.ts';
import type { AppArmor } from '../confinement/apparmor.ts';
import { dnsmasqProfile, dnsmasqProfileName } from '../confinement/profiles/dnsmasq.ts';
import type { ProfileText } from '../confinement/profile.ts';
import { HelperError, messageOf, toHelperError } from '../core/errors.ts';
import type { Reason } from '../core/said-error.ts';
import type { Logger } from '../core/log.ts';
import type { ProcessRunner } from '../core/seams/processes.ts';
import { watchChanges } from '../posix/watch-changes.ts';
import { locateProgram } from '../process/programs.ts';
import { temporaryOf } from '../store/durable.ts';
import { dnsmasqConfig, dnsmasqHosts, leaseScript, type DhcpHost } from './dnsmasq-config.ts';
import { inspectDnsmasqHost, requireReachable } from './dnsmasq-host.ts';
import { adoptDnsmasq, asDnsmasqProcess, findDnsmasq, type DnsmasqProcess } from './dnsmasq-process.ts';
import type { NetworkFiles } from './network-files.ts';
import { findPortHolder } from './port-holder.ts';
import type { Subnet } from './subnet.ts';

const backOff = { firstMs: 100, maxMs: 30_000, steadyMs: 60_000 };
const readyWithinMs = 10_000;
const profileRemovalMs = 10_000;

interface DnsmasqParts {
  readonly files: NetworkFiles;
  readonly runner: ProcessRunner;
  readonly appArmor: AppArmor;
  readonly log: Logger;
  readonly bridge: string;
}

/** The one dnsmasq on our bridge. It outlives the helper; while one lives, it is started again whenever it dies. */
export class Dnsmasq {
  readonly #parts: DnsmasqParts;
  #process: DnsmasqProcess | undefined;
  #restart: NodeJS.Timeout | undefined;
  /** A start by {@link #restartLater} that is under way. */
  #restarting: Promise<void> = Promise.resolve();
  readonly #released = new AbortController();
  #failures = 0;
  #startedAt = 0;

  constructor(parts: DnsmasqParts) {
    this.#parts = parts;
  }

  /** Writes the hosts file; to be followed by {@link ensure}, which makes dnsmasq read it. */
  async setHosts(hosts: readonly DhcpHost[]): Promise<void> {
    const { files } = this.#parts;
    // names and addresses of everybody's guests: read again on SIGHUP, no longer as root
    await replaceFile(files.hosts, dnsmasqHosts(hosts), { mode: 0o600, uid: (await inspectDnsmasqHost()).uid });
  }

  /** dnsmasq runs with this configuration and the present hosts afterwards. Throws network.dnsmasq-failed. */
  async ensure(subnet: Subnet, signal: AbortSignal): Promise<void> {
    const { files, bridge } = this.#parts;
    const host = await inspectDnsmasqHost();
    const config = dnsmasqConfig(bridge, subnet, host, files);
    await closeLeases(files, host.uid);
    await this.#adopt();
    // unreadable or absent: not the same
    const isSame = (await readFile(files.config, 'utf8').catch(() => '')) === config;
    if (this.#process !== undefined && isSame) return this.#process.signal('SIGHUP');
    await Promise.all([this.#stopProcess(), requireReachable(files.directory)]);
    await Promise.all([replaceFile(files.config, config, { mode: 0o600 }), writeScript(files)]);
    await this.#start(signal);
  }

  /** Ends dnsmasq, also one that an earlier helper started. */
  async stop(): Promise<void> {
    await this.#adopt();
    await this.#stopProcess();
    this.#failures = 0;
  }

  isRunning(): Promise<boolean> {
    return findDnsmasq(this.#parts.files).then((ref) => ref !== undefined);
  }

  /**
   * Lets go of dnsmasq, which runs on, for good: a start that is under way is called off, it belongs to whoever looks
   * after it next.
   */
  release(): void {
    this.#released.abort();
    clearTimeout(this.#restart);
    const running = this.#process;
    this.#process = undefined;
    running?.release();
  }

  async #adopt(): Promise<void> {
    await this.#restarting;
    if (this.#process !== undefined) return;
    const ref = await findDnsmasq(this.#parts.files);
    if (ref === undefined) return;
    this.#parts.log.info({ pid: ref.pid }, 'dnsmasq of an earlier helper is taken over');
    this.#hold(await adoptDnsmasq(ref));
  }

  async #stopProcess(): Promise<void> {
    clearTimeout(this.#restart);
    const running = this.#process;
    this.#process = undefined;
    await running?.stop();
    // after its end: it would run on unconfined. A helper that died before it was started left the profile alone.
    await this.#parts.appArmor.sweep((name) => name === dnsmasqProfileName, AbortSignal.timeout(profileRemovalMs));
    await rm(this.#parts.files.pid, { force: true });
  }

  async #start(signal: AbortSignal): Promise<void> {
    const { files, runner, appArmor } = this.#parts;
    await Promise.all([rm(files.pid, { force: true }), rm(files.log, { force: true })]);
    const profile = await appArmor.prepare(await profileOf(files), signal);
    const pidFile = watchFor(files.pid, AbortSignal.any([signal, AbortSignal.timeout(readyWithinMs)]));
    try {
      const child = await runner.spawn(
        { program: 'dnsmasq', args: ['--keep-in-foreground', `--conf-file=${files.config}`], confinement: { profile } },
        { logPath: files.log },
      );
      const isReady = await Promise.race([pidFile.appeared.then(() => true), child.exited.then(() => false)]).catch(
        async (error: unknown) => {
          await child.stop();
          throw signal.aborted
            ? error
            : new HelperError(
                'network.dnsmasq-failed',
                { reason: sentence('network.not-ready', { seconds: readyWithinMs / 1000 }) },
                { cause: error },
              );
        },
      );
      if (!isReady) throw new HelperError('network.dnsmasq-failed', { reason: await this.#reasonOfEnd() });
      this.#startedAt = performance.now();
      this.#hold(asDnsmasqProcess(child));
    } finally {
      pidFile.close();
    }
  }

  #hold(running: DnsmasqProcess): void {
    this.#process = running;
    void running.ended.then(() => {
      if (this.#process !== running) return;
      this.#process = undefined;
      if (performance.now() - this.#startedAt > backOff.steadyMs) this.#failures = 0;
      this.#parts.log.error({ pid: running.ref.pid }, 'dnsmasq ended by itself');
      this.#restartLater();
    });
  }

  #restartLater(): void {
    if (this.#released.signal.aborted) return;
    const waitMs = Math.min(backOff.firstMs * 2 ** this.#failures, backOff.maxMs);
    this.#failures += 1;
    this.#restart = setTimeout(() => {
      if (this.#process !== undefined) return;
      this.#restarting = this.#start(AbortSignal.any([this.#released.signal, AbortSignal.timeout(readyWithinMs)])).then(
        () => this.#parts.log.info('dnsmasq was started again'),
        (error: unknown) => {
          this.#parts.log.error({ err: toHelperError(error) }, 'dnsmasq could not be started again');
          this.#restartLater();
        },
      );
    }, waitMs).unref();
  }

  /** dnsmasq's own last words, and who has the port where that is the cause. */
  async #reasonOfEnd(): Promise<Reason> {
    const text = await readFile(this.#parts.files.log, 'utf8').catch((error: unknown) => messageOf(error));
    const line = text.trim().split('\n').at(-1) ?? '';
    if (!/address already in use/i.test(line)) return line === '' ? sentence('network.ended-without-a-word') : line;
    const holder = /dhcp/i.test(line)
      ? await findPortHolder('udp', 67)
      : ((await findPortHolder('udp', 53)) ?? (await findPortHolder('tcp', 53)));
    return holder === undefined
      ? line
      : sentence('network.port-held', { line, port: /dhcp/i.test(line) ? 67 : 53, holder });
  }
}

async function profileOf({ config, hosts, leases, pid, log, script, events }: NetworkFiles): Promise<ProfileText> {
  return dnsmasqProfile({ program: await locateProgram('dnsmasq'), config, hosts, leases, pid, log, script, events });
}

async function writeScript(files: NetworkFiles): Promise<void> {
  await replaceFile(files.script, leaseScript(files), { mode: 0o755 });
  await writeFile(files.events, '', { flag: 'a', mode: 0o600 });
}

/**
 * By renaming, so that dnsmasq never reads a part. Not durable: everything is written anew at the next start of the
 * network.
 */
async function replaceFile(
  file: string,
  content: string,
  { mode, uid = 0 }: { readonly mode: number; readonly uid?: number },
): Promise<void> {
  const temporary = temporaryOf(file);
  try {
    await using handle = await open(temporary, 'wx', mode);
    await handle.writeFile(content);
    await handle.chown(uid, 0);
    await handle.chmod(mode);
    await rename(temporary, file);
  } catch (error) {
    // the next start removes it; the first fault is the one to tell
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

/** dnsmasq would make it readable to everybody; it keeps the mode of one that is there. */
async function closeLeases({ leases }: NetworkFiles, uid: number): Promise<void> {
  await using handle = await open(
    leases,
    constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    0o600,
  );
  await handle.chown(uid, 0);
  await handle.chmod(0o600);
}

/** dnsmasq writes its pid file once its sockets are bound. */
function watchFor(file: string, signal: AbortSignal): { readonly appeared: Promise<void>; close(): void } {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const look = (): void =>
    void stat(file).then(
      (found) => {
        if (found.size > 0) resolve();
      },
      () => {},
    ); // not there yet
  const watcher = watchChanges(path.dirname(file), { onChange: look, onError: reject });
  const onAbort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
  signal.addEventListener('abort', onAbort, { once: true });
  promise.catch(() => {}); // whoever awaits it learns of it
  return {
    appeared: promise,
    close: () => {
      watcher.close();
      signal.removeEventListener('abort', onAbort);
    },
  };
}
