// SPDX-License-Identifier: MIT
import { z } from 'zod';
import type { Envelope } from '#contract/desktop.ts';
import { methods } from '#contract/methods.ts';
import { limits, type MethodName } from '#contract/protocol.ts';
import type { AppMethodTable } from './app-methods.ts';
import { errorData, failure, LinkError } from './error-data.ts';

/** Methods of the table that are the link's own business. */
const reserved: ReadonlySet<string> = new Set(['system.hello', 'events.subscribe']);

export interface RouterOptions {
  /** Forwards to the helper. */
  readonly request: (method: MethodName, params: unknown) => Promise<unknown>;
  readonly appMethods: AppMethodTable;
  /** Asked before anything is done; throws for what is not to be. `params` are checked. */
  readonly admit: (method: string, params: unknown) => Promise<void>;
}

export type Router = (method: unknown, params: unknown) => Promise<Envelope>;

/**
 * The gate for what a window asks: only methods of the table, only parameters that its schema
 * takes, only messages below the limit. Everything else is answered here and never reaches the
 * helper. Never rejects.
 */
export function createRouter(options: RouterOptions): Router {
  return async (method, params) => {
    try {
      const name = z.string().max(80).catch('?').parse(method);
      checkSize(params);
      const appMethod = Object.hasOwn(options.appMethods, name) ? options.appMethods[name] : undefined;
      if (appMethod) {
        const taken = checked(appMethod.params, params);
        await options.admit(name, taken);
        return { ok: true, value: await appMethod.run(taken) };
      }
      if (!isForwarded(name)) throw new LinkError('request.unsupported', { method: name });
      const taken = checked(methods[name].params, params);
      await options.admit(name, taken);
      return { ok: true, value: await options.request(name, taken) };
    } catch (error) {
      return failure(errorData(error));
    }
  };
}

function isForwarded(name: string): name is MethodName {
  return Object.hasOwn(methods, name) && !reserved.has(name);
}

function checkSize(params: unknown): void {
  let text: string | undefined;
  try {
    text = JSON.stringify(params);
  } catch {
    throw new LinkError('request.invalid', { reason: 'the parameters are not JSON' });
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
