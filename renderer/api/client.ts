// SPDX-License-Identifier: MIT
import type { HostId } from '#contract/hosts.ts';
import type { AppMethods, DesktopBridge } from '#contract/desktop.ts';
import { describeError, type HelperErrorData } from '#contract/errors.ts';
import type { MethodName, MethodParams, MethodResult } from '#contract/protocol.ts';

declare global {
  interface Window {
    readonly berth: DesktopBridge;
  }
}

/** A refused or failed request; `data` is the error as the helper or the link gave it. */
export class RequestError extends Error {
  readonly data: HelperErrorData;
  constructor(data: HelperErrorData) {
    super(describeError(data).message);
    this.name = 'RequestError';
    this.data = data;
  }
}

/**
 * Asks the host's helper. The link has checked parameters and result against the method table.
 * @throws RequestError
 */
export async function request<M extends MethodName>(
  host: HostId,
  method: M,
  params: MethodParams<M>,
): Promise<MethodResult<M>> {
  return (await send(method, params, host)) as MethodResult<M>;
}

/**
 * Asks the desktop program itself; of a host, where the method is about one.
 * @throws RequestError
 */
export async function appRequest<M extends keyof AppMethods>(
  method: M,
  params: AppMethods[M]['params'],
  host?: HostId,
): Promise<AppMethods[M]['result']> {
  return (await send(method, params, host)) as AppMethods[M]['result'];
}

/** Any thrown value as the error data that notices and forms show. */
export function errorDataOf(error: unknown): HelperErrorData {
  if (error instanceof RequestError) return error.data;
  return {
    code: 'internal.bug',
    params: { reason: error instanceof Error ? error.message : String(error) },
    causes: [],
  };
}

async function send(method: string, params: unknown, host?: HostId): Promise<unknown> {
  const envelope = await window.berth.request(method, params, host);
  if (!envelope.ok) throw new RequestError(envelope.error);
  return envelope.value;
}
