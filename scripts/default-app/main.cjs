// SPDX-License-Identifier: MIT
// Takes the place of Electron's default application in the runtime that scripts/electron-runtime.ts
// prepares: `electron [switches] DIR` starts the application in DIR.
'use strict';
const { app } = require('electron');
const fs = require('node:fs');
const path = require('node:path');

function fail(message) {
  console.error(message);
  process.exit(1);
}

if (process.argv.includes('--version')) {
  console.log(`v${process.versions.electron}`);
  process.exit(0);
}
const target = process.argv.slice(1).find((argument) => !argument.startsWith('-'));
if (target === undefined) fail('usage: electron [switches] DIR');

Object.defineProperty(process, 'defaultApp', { configurable: false, enumerable: true, value: true });
const directory = path.resolve(target);
const manifest = JSON.parse(fs.readFileSync(path.join(directory, 'package.json'), 'utf8'));
app.setVersion(manifest.version);
app.name = manifest.productName ?? manifest.name;
app.setDesktopName(`${manifest.name}.desktop`);
app.setAppPath(directory);
// At once, as a packaged application is loaded: custom schemes must be named before 'ready'.
require(path.join(directory, manifest.main));
