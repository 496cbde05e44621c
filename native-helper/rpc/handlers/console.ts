// SPDX-License-Identifier: MIT
import type { ConsoleBoot } from '#contract/console.ts';
import { ConsoleRecord } from '../../console/console-record.ts';
import { streamConsole } from '../../console/console-stream.ts';
import { HelperError, messageOf } from '../../core/errors.ts';
import type { Instance } from '../../instances/instance.ts';
import type { InstanceServices } from '../../instances/services.ts';
import type { Handlers } from '../handlers.ts';

type ConsoleMethods = Extract<keyof Handlers, `console.${string}`>;

export function consoleHandlers(services: InstanceServices): Pick<Handlers, ConsoleMethods> {
  const { registry, log } = services;
  return {
    'console.boots': async ({ name }, { actor }) => {
      const instance = registry.require(name, actor, 'read the console of');
      return await Promise.all(
        instance.record.boots.map(async ({ number }) => (await recordOf(services, instance, number)).boot),
      );
    },
    'console.marks': async ({ name, boot }, { actor }) => {
      const { record } = await recordOf(services, registry.require(name, actor, 'read the console of'), boot);
      return record.marks.map(({ offset, atMs }) => ({ offset, at: new Date(atMs).toISOString() }));
    },
    'console.open': async ({ name, boot: asked, fromOffset }, { actor, streams }) => {
      const instance = registry.require(name, actor, 'use the console of');
      streams.requireRoom(actor.uid);
      const { record, boot } = await recordOf(services, instance, asked ?? newestBoot(instance));
      const live = instance.boot?.console === record ? instance.boot : undefined;
      const notTyped = (error: unknown): void =>
        log.warn({ instance: name, reason: messageOf(error) }, 'serial port not reachable: a console was closed');
      const token = streams.offer(actor.uid, (client) => {
        streamConsole(
          record,
          client,
          fromOffset,
          live && { type: (bytes) => live.serial.type(bytes), onFailure: notTyped },
        ).catch((error: unknown) => {
          log.warn({ instance: name, reason: messageOf(error) }, 'console stream ended early');
          client.destroy();
        });
      });
      return { token, boot, fromOffset: Math.max(fromOffset, record.firstOffset), isLive: live !== undefined };
    },
  };
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
        number === 0 ? `${instance.name} has not booted yet` : `boot: ${instance.name} has no boot ${number} any more`,
    });
  }
  const { boot: current } = instance;
  if (current?.number === number)
    return { record: current.console, boot: current.console.summary(known.startedAt, known.endedAt) };
  const record = new ConsoleRecord(number, services.files.instance(instance.name), services);
  await record.load();
  return { record, boot: record.summary(known.startedAt, known.endedAt) };
}
