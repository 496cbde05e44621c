#!/usr/bin/env node
// SPDX-License-Identifier: MIT
import { createProgram } from './program.ts';

await createProgram().parseAsync();
