// SPDX-License-Identifier: MIT
import { z } from 'zod';
import type { Envelope } from '#contract/desktop.ts';
import { hostId, localHost, type HostId } from '#contract/hosts.ts';
import { methods } from '#contract/methods.ts';
import { limits, type MethodName } from '#contract/protocol.ts';
import { say } from '#messages/say.ts';
import type { AppMethodTable } from './app-methods.ts';
import { errorData, failure, LinkError } from './error-data.ts';

/** Methods of the table that are the link's own business. */
const reserved: ReadonlySet<string> = new Set(['system.hello', 'events.subscribe']);

export interface RouterOptions {
  /** Forwards to the host's helper; rejects where there is no such host. */
  readonly request: (method: MethodName, params: unknown, host: HostId) => Promise<unknown>;
  readonly appMethods: AppMethodTable;
  /** Asked before anything is done; throws for what is not to be. `params` are checked. */
  readonly admit: (method: string, params: unknown, host: HostId) => Promise<void>;
}

/** Without a host: this computer. */
export type Router = (method: unknown, params: unknown, host?: unknown) => Promise<Envelope>;

/**
 * The gate for what a window asks: only methods of the table, only parameters that its schema
 * takes, only messages below the limit. Everything else is answered here and never reaches the
 * helper. Never rejects.
 */
export function createRouter(options: RouterOptions): Router {
  return async (method, params, host) => {
    try {
      const name = z.string().max(80).catch('?').parse(method);
      checkSize(params);
      const on = hostOf(host);
      const appMethod = Object.hasOwn(options.appMethods, name) ? options.appMethods[name] : undefined;
      if (appMethod) {
        const taken = checked(appMethod.params, params);
        await options.admit(name, taken, on);
        return { ok: true, value: await appMethod.run(taken, on) };
      }
      if (!isForwarded(name)) throw new LinkError('request.unsupported', { method: name });
      const taken = checked(methods[name].params, params);
      await options.admit(name, taken, on);
      return { ok: true, value: await options.request(name, taken, on) };
    } catch (error) {
      return failure(errorData(error));
    }
  };
}

function hostOf(given: unknown): HostId {
  if (given === undefined) return localHost;
  const parsed = hostId.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new LinkError('request.invalid', { reason: say('desktop.refused.host-name') });
}

function isForwarded(name: string): name is MethodName {
  return Object.hasOwn(methods, name) && !reserved.has(name);
}

function checkSize(params: unknown): void {
  let text: string | undefined;
  try {
    text = JSON.stringify(params);
  } catch {
    throw new LinkError('request.invalid', { reason: say('desktop.refused.not-json') });
  }
  const bytes = Buffer.byteLength(text ?? '');
  if (bytes > limits.messageBytes) throw new LinkError('request.too-large', { bytes, limit: limits.messageBytes });
}

function checked(schema: z.ZodType, params: unknown): unknown {
  const result = schema.safeParse(params);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.map(String).join('.') ?? '';
  throw new LinkError('request.invalid', {
    reason: field ? `${field}: ${issue?.message}` : String(issue?.message),
    field,
  });
}
