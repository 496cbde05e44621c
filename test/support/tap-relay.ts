// SPDX-License-Identifier: MIT Stands where QEMU stands: carries frames between the tap on descriptor 3 and a network
// card `eth0` that it makes in the namespace it is run in. Both have virtio headers, so frames pass unchanged. Reads
// block a thread each; hence a process of its own.
import { read, write } from 'node:fs';
import { openTap } from '../../native-helper/network/tap-device.ts';

const frameBytes = 65_550;

const card = openTap('eth0');
relay(3, card);
relay(card, 3);
process.stdout.write('ready\n');

function relay(from: number, to: number): void {
  const buffer = Buffer.alloc(frameBytes);
  const next = (): void =>
    read(from, buffer, 0, frameBytes, null, (error, length) => {
      if (error) process.exit(0); // a tap was removed
      write(to, buffer, 0, length, null, () => next()); // a card that is down takes no frames
    });
  next();
}
