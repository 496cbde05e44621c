// SPDX-License-Identifier: MIT Brings the lab's kernel into .cache/lab. Run before the tests: they have no way to the
// package mirrors from their private network.
import { labKernel } from './lab-kernel.ts';

const { kernel } = await labKernel();
process.stdout.write(`the lab's kernel is ${kernel}\n`);
