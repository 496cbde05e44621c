// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import type { OperationSummary } from '#contract/operations.ts';
import { instanceName, type InstanceName } from '#contract/names.ts';
import type { InstanceVerb } from '#contract/verbs.ts';
import { mebibyte } from '#contract/units.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';

type Operation = `instances.${InstanceVerb}`;

/** A connection with the steps that tests of instances are made of. */
export class InstanceClient {
  readonly connection: HelperConnection;

  constructor(connection: HelperConnection) {
    this.connection = connection;
  }

  /** Launches `tiny` with as little as it works with, and waits for the end. */
  async launch(
    name: string,
    more: {
      readonly userData?: string;
      readonly image?: string;
      readonly timeoutSeconds?: number;
      readonly isAllowedWithoutAppArmor?: boolean;
    } = {},
  ): Promise<OperationSummary> {
    const { operationId } = await this.connection.request('instances.launch', {
      image: 'tiny',
      name,
      cpus: 1,
      memoryBytes: 256 * mebibyte,
      diskBytes: 1024 * mebibyte,
      isAllowedWithoutAppArmor: true,
      ...more,
    });
    return await this.wait(operationId);
  }

  async run(
    method: Operation,
    name: string,
    more: { readonly force?: boolean; readonly timeoutSeconds?: number } = {},
  ): Promise<OperationSummary> {
    const { operationId } = await this.connection.request(method, { name: nameOf(name), ...more });
    return await this.wait(operationId);
  }

  async wait(id: string): Promise<OperationSummary> {
    return await this.connection.request('operations.wait', { id });
  }

  async state(name: string): Promise<string | undefined> {
    return (await this.connection.request('instances.list', {})).find((instance) => instance.name === name)?.state;
  }

  /** Runs a command in the guest; stdin is empty. */
  async exec(
    name: string,
    ...command: readonly string[]
  ): Promise<{ stdout: string; stderr: string; exitCode: number | undefined }> {
    const { session, stdio, stderr } = await this.connection.request('exec.open', { name, command: [...command] });
    const [both, errors] = await Promise.all([this.connection.openStream(stdio), this.connection.openStream(stderr)]);
    both.end();
    errors.end();
    const [out, err, end] = await Promise.all([
      text(both),
      text(errors),
      this.connection.request('session.wait', { session }),
    ]);
    return { stdout: out, stderr: err, exitCode: end.exitCode };
  }

  /** Everything recorded of a boot's console until `isEnough` says so, or its end. */
  async console(name: string, isEnough: (text: string) => boolean, boot?: number): Promise<string> {
    const { token } = await this.connection.request('console.open', { name, ...(boot === undefined ? {} : { boot }) });
    const stream = await this.connection.openStream(token);
    let printed = '';
    const enough = new AbortController();
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString('utf8');
      if (isEnough(printed)) enough.abort();
    });
    await Promise.race([once(stream, 'end', { signal: enough.signal }), once(enough.signal, 'abort')]).catch(
      () => undefined,
    ); // either is the end
    stream.destroy();
    return printed;
  }
}

function nameOf(name: string): InstanceName {
  return instanceName.parse(name);
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  let all = '';
  for await (const chunk of stream) all += String(chunk);
  return all;
}
