// SPDX-License-Identifier: MIT
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const retryMs = 40;
/** A first packet that the guest did not take yet is repeated by TCP after a second; a new attempt is sooner. */
const firstConnectMs = 200;
const longestConnectMs = 5_000;
const bannerMs = 5_000;

/**
 * Waits until something on port 22 of `address` greets as SSH does (RFC 4253, 4.2), and returns that
 * greeting. A guest tells nobody when its sshd begins to listen, so this is asked again and again;
 * a refused connection costs the guest one packet.
 */
export async function waitForSshBanner(address: string, signal: AbortSignal): Promise<string> {
  for (let connectMs = firstConnectMs; ; connectMs = Math.min(connectMs * 1.3, longestConnectMs)) {
    signal.throwIfAborted();
    const banner = await readBanner(address, connectMs, signal);
    if (banner !== undefined) return banner;
    await sleep(retryMs, undefined, { signal });
  }
}

async function readBanner(address: string, connectMs: number, signal: AbortSignal): Promise<string | undefined> {
  const socket = net.connect({ host: address, port: 22 });
  let timer: NodeJS.Timeout | undefined;
  const giveUp = (): void => void socket.destroy();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await new Promise<string | undefined>((resolve) => {
      let text = '';
      timer = setTimeout(giveUp, connectMs);
      socket.once('connect', () => {
        clearTimeout(timer);
        timer = setTimeout(giveUp, bannerMs);
      });
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
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
    socket.destroy();
  }
}
