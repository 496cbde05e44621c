// SPDX-License-Identifier: MIT
import { ConsoleRecord } from '../../console/console-record.ts';
import { SerialPort } from '../../console/serial-port.ts';
import type { HelperErrorData } from '#contract/errors.ts';
import { sentence } from '#messages/say.ts';
import { HelperError, messageOf, toErrorData } from '../../core/errors.ts';
import type { MachineExit, RunningMachine } from '../../core/seams/hypervisor.ts';
import type { MachineSpec } from '../../core/seams/machine-spec.ts';
import type { Boot } from './boot.ts';
import { describeExit } from '../machine/describe-exit.ts';
import { forgetHold } from '../machine/hold.ts';
import { giveBackMachine } from '../machine/give-back-machine.ts';
import type { Instance } from '../instance/instance.ts';
import { isTimerPanic, MilestoneScanner } from './milestones.ts';
import type { PhaseTimeline } from './phase-timeline.ts';
import { RoomWatch } from '../machine/room-watch.ts';
import type { InstanceServices } from '../instance/services.ts';

export interface AttachRequest {
  readonly number: number;
  readonly startedAt: Date;
  readonly spec: MachineSpec;
  readonly machine: RunningMachine;
  readonly timeline: PhaseTimeline;
}

/**
 * Binds a running machine to its instance, whether it was started just now or adopted from an
 * earlier helper: records its console, listens for its lease and its milestones, and gives back what
 * it used when it ends, however it ends.
 */
export async function attachBoot(
  services: InstanceServices,
  instance: Instance,
  request: AttachRequest,
): Promise<Boot> {
  const { number, machine } = request;
  const pausedAt = instance.record.machine?.pausedAt;
  const record = new ConsoleRecord(number, services.files.instance(instance.name), services);
  await record.load();
  const ended = Promise.withResolvers<MachineExit>();
  const boot: Boot = {
    ...request,
    console: record,
    serial: new SerialPort(machine, services.log),
    lease: undefined,
    heldSince: pausedAt === undefined ? undefined : new Date(pausedAt),
    panic: undefined,
    isEndExpected: false,
    ended: ended.promise,
  };
  const stopListening = listen(services, instance, boot);
  instance.boot = boot;
  record.follow();
  void machine.exited
    .then(async (exit) => {
      stopListening();
      await giveBack(services, instance, boot, exit);
      ended.resolve(exit);
    })
    .catch((error: unknown) => {
      services.log.error({ error, instance: instance.name }, 'giving back what a machine used failed');
      ended.resolve({ exitCode: null, signal: null, lastLines: [] });
    });
  services.registry.touch(instance);
  return boot;
}

/** One start in four failed so on two processors with ten times their work; no more than this many in a row. */
const mostTimerResets = 8;
const resetLimitMs = 10_000;

/** Follows the evidence of the boot; returns the way to stop. */
function listen(services: InstanceServices, instance: Instance, boot: Boot): () => void {
  const { timeline } = boot;
  let timerResets = 0;
  const isEmulated = boot.spec.accelerator === 'tcg';
  const mayBeginAnew = (): boolean => isEmulated && !timeline.isDone('kernel') && timerResets < mostTimerResets;
  const room = new RoomWatch(boot, services.log);
  const pausedOrNot = (): void => {
    room.look();
    services.registry.touch(instance);
  };
  void boot.machine.answered.then(() => {
    if (!boot.machine.pause) void forgetHold(services, instance, boot);
    pausedOrNot();
  });
  const scanner = new MilestoneScanner((milestone) => {
    const at = new Date();
    if (milestone.kind === 'kernel') timeline.end('firmware', at, milestone.line, 'kernel');
    else if (milestone.kind === 'userspace') timeline.end('kernel', at, milestone.line, 'lease');
    else if (isTimerPanic(milestone.line) && mayBeginAnew()) {
      // nothing has been written yet, and the fault is this computer's, which did not get to the emulated timer in time
      timerResets += 1;
      services.log.warn({ instance: instance.name, timerResets }, 'a kernel had no timer in time and is begun anew');
      scanner.begin();
      boot.machine.reset(AbortSignal.timeout(resetLimitMs)).catch((error: unknown) => {
        boot.panic = milestone.line;
        boot.console.emit('grown');
        services.log.warn({ instance: instance.name, reason: messageOf(error) }, 'the machine could not be reset');
      });
    } else boot.panic = milestone.line;
    if (boot.panic !== undefined) boot.console.emit('grown');
  });
  boot.console.on('text', (chunk) => scanner.push(chunk));
  const stopLeases = services.network.onLease((mac, lease) => {
    if (mac !== boot.spec.nics[0]?.mac) return;
    boot.lease = lease ?? boot.lease; // a lease that ran out says nothing about a guest that still uses it
    if (lease) timeline.end('lease', new Date(), `${lease.address} leased to ${mac}`, 'sshd');
    services.registry.touch(instance);
  });
  const stopEvents = boot.machine.onEvent((event) => {
    services.log.info({ instance: instance.name, event }, 'machine event');
    if (event.kind === 'shutdown' && event.byGuest) boot.isEndExpected = true;
    if (event.kind === 'resume') void forgetHold(services, instance, boot);
    if (event.kind === 'stop' || event.kind === 'resume') pausedOrNot();
    // The guest begins anew and knows of no connection; what waits for an answer would wait for a minute.
    if (event.kind === 'reset') services.connections.forget(instance.record);
  });
  return () => {
    stopLeases();
    stopEvents();
    room.end();
  };
}

/** After the exit, never before: a profile that is removed under a running process would free it. */
async function giveBack(services: InstanceServices, instance: Instance, boot: Boot, exit: MachineExit): Promise<void> {
  const { registry, network, connections, log } = services;
  log.info({ instance: instance.name, exit }, 'machine ended');
  boot.serial.close();
  await boot.console.end();
  connections.end(instance.record);
  await Promise.all([
    giveBackMachine(services, boot.spec),
    ...boot.spec.nics.map(({ tap }) =>
      network.detach(tap).catch((error: unknown) => {
        log.error(
          { error, instance: instance.name },
          'the tap of a machine could not be removed; the next start of the helper tries again',
        );
      }),
    ),
  ]);
  if (instance.boot === boot) instance.boot = undefined;
  const lastError = await crashOf(boot, exit);
  const endedAt = new Date().toISOString();
  await registry.update(instance, (record) => ({
    machine: undefined,
    desired: 'stopped',
    boots: record.boots.map((entry) =>
      entry.number === boot.number ? { ...entry, endedAt, phases: [...boot.timeline.records] } : entry,
    ),
    ...(lastError === undefined ? {} : { lastError }),
  }));
}

async function crashOf(boot: Boot, exit: MachineExit): Promise<HelperErrorData | undefined> {
  if (boot.isEndExpected) return undefined;
  const consoleTail = await boot.console.tail(20).catch(() => []); // the log may be gone with its instance
  return toErrorData(
    new HelperError(
      'hypervisor.crashed',
      { activity: sentence('instance.while-it-ran'), reason: describeExit(exit) },
      { consoleTail },
    ),
  );
}
