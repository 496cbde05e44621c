// SPDX-License-Identifier: MIT
import type { ConsoleBoot } from '#contract/console.ts';
import { sentence } from '#messages/say.ts';
import { ConsoleRecord } from '../../console/console-record.ts';
import { streamConsole } from '../../console/console-stream.ts';
import { HelperError, messageOf } from '../../core/errors.ts';
import type { Instance } from '../../instances/instance/instance.ts';
import type { InstanceServices } from '../../instances/instance/services.ts';
import type { Call, ParamsOf, ResultOf } from '../handlers.ts';

/** The boots whose console is kept, with what is kept of each. */
export async function consoleBoots(services: InstanceServices, instance: Instance): Promise<ConsoleBoot[]> {
  return await Promise.all(
    instance.record.boots.map(async ({ number }) => (await recordOf(services, instance, number)).boot),
  );
}

/** When which bytes of a boot's console came. @throws HelperError request.invalid: no such boot */
export async function consoleMarks(
  services: InstanceServices,
  instance: Instance,
  boot: number,
): Promise<ResultOf<'console.marks'>> {
  const { record } = await recordOf(services, instance, boot);
  return record.marks.map(({ offset, atMs }) => ({ offset, at: new Date(atMs).toISOString() }));
}

/**
 * Offers a boot's console as a stream: what is kept from `fromOffset` (bytes), then what comes. The newest boot's where
 * none is asked for; only a machine that runs is typed to.
 *
 * @throws HelperError request.invalid: no such boot; quota.exceeded
 */
export async function openConsole(
  services: InstanceServices,
  instance: Instance,
  { boot: asked, fromOffset }: ParamsOf<'console.open'>,
  { actor, streams }: Call,
): Promise<ResultOf<'console.open'>> {
  streams.requireRoom(actor.uid);
  const { record, boot } = await recordOf(services, instance, asked ?? newestBoot(instance));
  const live = instance.boot?.console === record ? instance.boot : undefined;
  const { name } = instance;
  const notTyped = (error: unknown): void =>
    services.log.warn({ instance: name, reason: messageOf(error) }, 'serial port not reachable: a console was closed');
  const token = streams.offer(actor.uid, (client) => {
    streamConsole(
      record,
      client,
      fromOffset,
      live && { type: (bytes) => live.serial.type(bytes), onFailure: notTyped },
    ).catch((error: unknown) => {
      services.log.warn({ instance: name, reason: messageOf(error) }, 'console stream ended early');
      client.destroy();
    });
  });
  return { token, boot, fromOffset: Math.max(fromOffset, record.firstOffset), isLive: live !== undefined };
}

function newestBoot(instance: Instance): number {
  return instance.boot?.number ?? instance.record.boots.at(-1)?.number ?? 0;
}

async function recordOf(
  services: InstanceServices,
  instance: Instance,
  number: number,
): Promise<{ record: ConsoleRecord; boot: ConsoleBoot }> {
  const known = instance.record.boots.find((boot) => boot.number === number);
  if (!known) {
    throw new HelperError('request.invalid', {
      reason:
        number === 0
          ? sentence('request.not-booted-yet', { name: instance.name })
          : sentence('request.boot-gone', { name: instance.name, number }),
    });
  }
  const { boot: current } = instance;
  if (current?.number === number)
    return { record: current.console, boot: current.console.summary(known.startedAt, known.endedAt) };
  const record = new ConsoleRecord(number, services.files.instance(instance.name), services);
  await record.load();
  return { record, boot: record.summary(known.startedAt, known.endedAt) };
}
