// SPDX-License-Identifier: MIT
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FusesPlugin } from '@electron-forge/plugin-fuses';
import { VitePlugin } from '@electron-forge/plugin-vite';
import type { ForgeConfig } from '@electron-forge/shared-types';
import { FuseV1Options, FuseVersion } from '@electron/fuses';
import { packagesOf } from './scripts/lib/bundled-packages.ts';
import { copyExternalPackages } from './scripts/lib/external-packages.ts';
import { noticesOf } from './scripts/lib/notices.ts';
import { windowBundles } from './scripts/lib/paths.ts';

const root = import.meta.dirname;
/** A folder with electron-v<version>-linux-<arch>.zip; scripts/package.ts makes it from the installed runtime. */
const electronZipDir = process.env.BERTH_ELECTRON_ZIP_DIR;

const config: ForgeConfig = {
  packagerConfig: {
    name: 'berth',
    executableName: 'berth',
    appBundleId: 'org.berth.Berth',
    asar: { unpack: '**/*.node' },
    ...(electronZipDir === undefined ? {} : { electronZipDir }),
  },
  // node-pty speaks N-API: the build made by npm runs in Electron too
  rebuildConfig: { onlyModules: [] },
  hooks: {
    // the Vite plugin packs .vite alone; packages outside of the bundle follow by hand
    packageAfterCopy: async (_config, buildPath) =>
      copyExternalPackages(path.join(root, '.vite/build/main.cjs'), root, buildPath),
    // beside the program, where Electron's own are
    postPackage: async (_config, { outputPaths }) => {
      const notices = noticesOf(packagesOf(windowBundles));
      for (const folder of outputPaths) await writeFile(path.join(folder, 'THIRD-PARTY-NOTICES'), notices);
    },
  },
  plugins: [
    new VitePlugin({
      build: [
        { entry: 'electron/main.ts', config: 'vite.main.config.ts', target: 'main' },
        { entry: 'electron/preload/preload.ts', config: 'vite.preload.config.ts', target: 'preload' },
      ],
      renderer: [{ name: 'main_window', config: 'vite.renderer.config.ts' }],
    }),
    new FusesPlugin({
      version: FuseVersion.V1,
      // the registry's older runtime (development only) has fewer fuses
      strictlyRequireAllFuses: false,
      [FuseV1Options.RunAsNode]: false,
      [FuseV1Options.EnableCookieEncryption]: true,
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
      [FuseV1Options.EnableNodeCliInspectArguments]: false,
      [FuseV1Options.OnlyLoadAppFromAsar]: true,
      [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
    }),
  ],
};

export default config;
