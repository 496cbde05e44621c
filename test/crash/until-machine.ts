// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { imageAlias, type InstanceName } from '#contract/names.ts';
import type { InstanceRecord } from '../../native-helper/store/instance-record.ts';
import { mebibyte } from '#contract/units.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { OperationFailure } from './operation-failure.ts';

/**
 * Asks for a machine and resolves with its process once its record names that; the guest would take longer than all the
 * rest.
 */
export async function untilMachine(
  client: HelperConnection,
  { name, stateDirectory }: { readonly name: InstanceName; readonly stateDirectory: string },
  ask: () => Promise<{ readonly operationId: string }>,
): Promise<number> {
  const runs = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined); // whoever waits learns of it
  client.onEvent(({ body }) => {
    if (
      body.topic === 'instance.changed' &&
      body.instance.name === name &&
      body.instance.isOwn &&
      body.instance.startedAt !== undefined
    )
      runs.resolve();
    if (body.topic === 'operation.changed' && body.operation.target === name && body.operation.error)
      failed.reject(new OperationFailure(body.operation.error));
  });
  client.onClose((reason) => failed.reject(reason));
  await client.request('events.subscribe', {});
  await ask();
  await Promise.race([runs.promise, failed.promise]);
  const file = path.join(stateDirectory, 'instances', name, 'instance.json');
  for (const limit = AbortSignal.timeout(20_000); ; await Promise.race([delay(20), failed.promise])) {
    // nobody is told that it is written; a launch that failed meanwhile takes it away, and says so
    const record = await readFile(file, 'utf8').then(
      (text) => JSON.parse(text) as InstanceRecord,
      async () => await failed.promise,
    );
    if (record.machine?.process) return record.machine.process.pid;
    limit.throwIfAborted();
    await client.request('instances.list', {}); // a helper that died says so
  }
}

export async function launchTiny(
  client: HelperConnection,
  name: InstanceName,
): Promise<{ readonly operationId: string }> {
  return await client.request('instances.launch', {
    name,
    image: imageAlias.parse('tiny'),
    cpus: 1,
    memoryBytes: 256 * mebibyte,
    diskBytes: 1024 * mebibyte,
    isAllowedWithoutAppArmor: true,
  });
}
