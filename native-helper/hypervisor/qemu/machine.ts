// SPDX-License-Identifier: MIT
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConfinementLayer } from '#contract/security.ts';
import { sentence } from '#messages/say.ts';
import { hasOpen } from '../../confinement/running-machine.ts';
import { HelperError, messageOf } from '../../core/errors.ts';
import { KeyedLock } from '../../core/keyed-lock.ts';
import type {
  GuestPort,
  MachineEvent,
  MachineExit,
  MachinePause,
  PluggedShare,
  RunningMachine,
} from '../../core/seams/hypervisor.ts';
import type { MachineSpec } from '../../core/seams/machine-spec.ts';
import type { Logger } from '../../core/log.ts';
import type { ManagedProcess, ProcessRef } from '../../core/seams/processes.ts';
import { isAlive } from '../../process/proc-fs.ts';
import { appArmorLabel, measureConfinement } from '../measure-confinement.ts';
import { QmpClient } from '../qmp/client.ts';
import type { QmpEvent } from '../qmp/codec.ts';
import { machineEvent } from '../qmp/events.ts';
import { closePorts, openPort } from './guest-ports.ts';
import type { MachineControl } from './hot-plug.ts';
import { connectToMachine } from './machine-socket.ts';
import { LogKeeper } from './log-keeper.ts';
import { cancelSave, loadMemory, saveMemory } from './migration.ts';
import { pauseNow, PauseState } from './pause-state.ts';
import { lastLinesOf } from './run-files.ts';
import { pluggedDevices } from './plugged-devices.ts';
import { plugShare, unplugShare } from './share-slots.ts';

/** Between the end of a connection and the end of the process, when QEMU goes. */
const exitGapMs = 20;
const reconnectLimitMs = 1000;
const serialLimitMs = 5000;

interface MachineOptions {
  readonly spec: MachineSpec;
  readonly process: ProcessRef;
  readonly startedAt: Date;
  /** Present where the helper is the parent; an adopted machine's end is seen by its connection. */
  readonly child: ManagedProcess | undefined;
  /** Where this boot's part of the log begins. */
  readonly logOffset: number;
  readonly log: Logger;
}

/** A QEMU process with its control connection. */
export class QemuMachine implements RunningMachine {
  readonly process: ProcessRef;
  readonly startedAt: Date;
  readonly exited: Promise<MachineExit>;
  readonly answered: Promise<void>;
  readonly #options: MachineOptions;
  readonly #listeners = new Set<(event: MachineEvent) => void>();
  readonly #released = new AbortController();
  readonly #slots = new KeyedLock<'slots'>();
  readonly #end = Promise.withResolvers<MachineExit>();
  readonly #answer = Promise.withResolvers<void>();
  readonly #logKeeper: LogKeeper;
  readonly #pause = new PauseState();
  #client: QmpClient | undefined;
  #qemuVersion: string | undefined;
  #reconnectMs = exitGapMs;
  #hasEnded = false;

  constructor(options: MachineOptions) {
    this.#options = options;
    this.process = options.process;
    this.startedAt = options.startedAt;
    this.exited = this.#end.promise;
    this.answered = this.#answer.promise;
    this.#logKeeper = new LogKeeper(options.spec.log, options.log);
    void options.child?.exited.then(({ exitCode, signal }) => this.#ended(exitCode, signal));
  }

  /** Connects to QEMU's control socket; when the connection ends later, finds out whether QEMU did. */
  async connect(signal: AbortSignal): Promise<void> {
    const socket = await connectToMachine(this.#options.spec.qmpSocket, this.process, signal);
    const client = await QmpClient.connect(socket, (event) => this.#publish(event), signal);
    // Events tell of changes only, and one that was taken over may have stopped before.
    const changes = this.#pause.changes;
    const now = await pauseNow(client, this.#options.child !== undefined, signal);
    if (this.#pause.changes === changes) this.#pause.found(now);
    this.#client = client;
    this.#answer.resolve();
    void client.closed.then(() => this.#afterDisconnect());
  }

  /**
   * Connects to a QEMU that an earlier helper left, and waits `patienceMs` for that. One that does not answer by then
   * is asked on, until it does or ends; it may be in an attacker's hands, and holds up nobody.
   */
  async find(patienceMs: number): Promise<void> {
    const signal = this.#released.signal;
    const asking = this.connect(signal).catch(() => this.#afterDisconnect());
    await Promise.race([asking, delay(patienceMs, undefined, { ref: false })]);
  }

  /** Believes the greeting, which came before the guest ran: later it may be the guest's word. */
  learnVersion(): void {
    this.#qemuVersion = this.#control().qemuVersion;
  }

  get qemuVersion(): string | undefined {
    return this.#qemuVersion;
  }

  get isAnswering(): boolean {
    return this.#client !== undefined;
  }

  onEvent(listener: (event: MachineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get pause(): MachinePause | undefined {
    return this.#pause.current;
  }

  async status(signal: AbortSignal): Promise<string> {
    return (await this.#control().execute('query-status', signal)).status;
  }

  async hold(signal: AbortSignal): Promise<void> {
    await this.#control().execute('stop', signal);
  }

  async resume(signal: AbortSignal): Promise<void> {
    await this.#control().execute('cont', signal);
  }

  async powerDown(signal: AbortSignal): Promise<void> {
    await this.#control().execute('system_powerdown', signal);
  }

  async reset(signal: AbortSignal): Promise<void> {
    await this.#control().execute('system_reset', signal);
  }

  async kill(): Promise<void> {
    if (await isAlive(this.process)) {
      try {
        process.kill(this.process.pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH')
          throw new HelperError('internal.bug', { reason: messageOf(error) }, { cause: error });
      }
    }
    await this.#untilGone();
    if (!this.#options.child) this.#ended(null, null);
    await this.exited;
  }

  async plugShare(share: PluggedShare, signal: AbortSignal): Promise<string> {
    // One after the other: two that look for a free slot at once would take the same, and the guest sees one of them
    // only.
    return await this.#slots.hold(
      'slots',
      async () => await plugShare(this.#hotPlug(), this.#options.spec.shareSlots ?? 0, share, signal),
    );
  }

  async unplugShare(id: string, signal: AbortSignal): Promise<boolean> {
    return await unplugShare(this.#hotPlug(), id, signal);
  }

  async plugged(signal: AbortSignal): Promise<readonly string[]> {
    return await pluggedDevices(this.#control(), signal);
  }

  async saveMemory(descriptor: number, signal: AbortSignal): Promise<void> {
    await saveMemory(this.#hotPlug(), descriptor, signal);
  }

  async cancelSave(signal: AbortSignal): Promise<void> {
    await cancelSave(this.#control(), signal);
  }

  /** Before its guest runs: it goes on with this memory then. */
  async loadMemory(descriptor: number, signal: AbortSignal): Promise<void> {
    await loadMemory(this.#hotPlug(), descriptor, signal);
  }

  async openPort(name: string, signal: AbortSignal): Promise<GuestPort> {
    return await openPort(this.#hotPlug(), name, signal);
  }

  async closePorts(name: string, signal: AbortSignal): Promise<void> {
    await closePorts(this.#hotPlug(), name, signal);
  }

  async openSerial(): Promise<Duplex> {
    return await connectToMachine(this.#options.spec.serialSocket, this.process, AbortSignal.timeout(serialLimitMs));
  }

  confinement(): Promise<readonly ConfinementLayer[]> {
    return measureConfinement(this.process.pid);
  }

  label(): Promise<string | undefined> {
    return appArmorLabel(this.process.pid);
  }

  hasOpen(file: string): Promise<boolean> {
    return hasOpen(this.process.pid, file);
  }

  release(): void {
    this.#released.abort();
    this.#logKeeper.end();
    this.#client?.close();
    this.#listeners.clear();
  }

  #hotPlug(): MachineControl {
    return { qmp: this.#control(), onEvent: (listener) => this.onEvent(listener) };
  }

  #control(): QmpClient {
    if (!this.#client)
      throw new HelperError('hypervisor.control-failed', {
        command: 'connect',
        reason: sentence('hypervisor.not-answered-yet'),
      });
    return this.#client;
  }

  #publish(event: QmpEvent): void {
    const known = machineEvent(event);
    if (known) this.#pause.see(known);
    if (known) for (const listener of this.#listeners) listener(known);
  }

  /** A closed connection nearly always is QEMU's end; a living QEMU is connected to again. */
  async #afterDisconnect(): Promise<void> {
    const signal = this.#released.signal;
    // One that hangs up again and again is waited for longer each time.
    while (!signal.aborted && !this.#hasEnded) {
      await delay(this.#reconnectMs);
      this.#reconnectMs = Math.min(this.#reconnectMs * 2, reconnectLimitMs);
      if (signal.aborted || this.#hasEnded) return;
      if (!(await isAlive(this.process).catch(() => true))) {
        if (!this.#options.child) this.#ended(null, null);
        return;
      }
      const isConnected = await this.connect(signal).then(
        () => true,
        () => false,
      ); // QEMU is ending or busy: looked at again
      if (isConnected) return;
    }
  }

  async #untilGone(): Promise<void> {
    const { child } = this.#options;
    if (child) {
      // the child alone does not hold the helper; a wait for its end does
      const holder = setInterval(() => {}, 1000);
      await child.exited;
      clearInterval(holder);
    } else while (await isAlive(this.process)) await delay(exitGapMs);
  }

  #ended(exitCode: number | null, signal: string | null): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#client?.close();
    this.#logKeeper.end();
    const { log } = this.#options.spec;
    void lastLinesOf(log, this.#options.logOffset).then((lastLines) =>
      this.#end.resolve({ exitCode, signal, lastLines }),
    );
  }
}
