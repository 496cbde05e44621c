// SPDX-License-Identifier: MIT
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const retryMs = 40;
const attemptMs = 3_000;

/**
 * Waits until something on port 22 of `address` greets as SSH does (RFC 4253, 4.2), and returns that
 * greeting. A guest tells nobody when its sshd begins to listen, so this is asked again and again;
 * a refused connection costs the guest one packet.
 */
export async function waitForSshBanner(address: string, signal: AbortSignal): Promise<string> {
  for (;;) {
    signal.throwIfAborted();
    const banner = await readBanner(address, signal);
    if (banner !== undefined) return banner;
    await sleep(retryMs, undefined, { signal });
  }
}

async function readBanner(address: string, signal: AbortSignal): Promise<string | undefined> {
  const socket = net.connect({ host: address, port: 22 });
  const limit = AbortSignal.any([signal, AbortSignal.timeout(attemptMs)]);
  try {
    return await new Promise<string | undefined>((resolve) => {
      let text = '';
      limit.addEventListener('abort', () => resolve(undefined), { once: true });
      socket.once('error', () => resolve(undefined));
      socket.once('close', () => resolve(undefined));
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
        const line = /^SSH-[^\r\n]*(?=\r?\n)/m.exec(text)?.[0];
        if (line !== undefined) resolve(line);
        else if (text.length > 4096) resolve(undefined);
      });
    });
  } finally {
    socket.destroy();
  }
}
