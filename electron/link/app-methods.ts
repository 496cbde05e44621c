// SPDX-License-Identifier: MIT
import { z } from 'zod';
import type { AppMethods, Preferences } from '#contract/desktop.ts';
import { terminalSize } from '#contract/console.ts';
import { instanceName, type InstanceName } from '#contract/names.ts';
import { conflictAnswer, copyInParams, copyOutParams, guestFolderParams, transferReference, type GuestFolder } from '#contract/transfers.ts';
import type { TransferHost } from './transfer-host.ts';

export interface AppMethod {
  readonly params: z.ZodType;
  readonly run: (params: unknown) => Promise<unknown>;
}

export type AppMethodTable = Readonly<Record<string, AppMethod>>;

/** What the methods need of the desktop; `shell/` and `link/` give it. */
export interface AppPorts {
  pickImageFile(): Promise<string | undefined>;
  pickFolders(): Promise<string[]>;
  pickFiles(): Promise<string[]>;
  pickDestination(): Promise<string | undefined>;
  downloadsFolder(): string;
  desktopProxy(): Promise<string | undefined>;
  listGuestFolder(params: z.output<typeof guestFolderParams>): Promise<GuestFolder>;
  mountUsers(name: InstanceName, target: string): Promise<readonly { readonly pid: number; readonly command: string }[]>;
  copies: Pick<TransferHost, 'copyIn' | 'copyOut' | 'answer' | 'cancel' | 'dismiss'>;
  saveText(suggestedName: string, text: string): Promise<string | undefined>;
  /** Electron 45 answers with a promise, earlier ones with nothing. */
  copyText(text: string): void | Promise<void>;
  preferences(): Preferences;
  setTheme(theme: Preferences['theme']): void;
  openTerminal(size: { columns: number; rows: number }): Promise<{ session: string; terminal: string }>;
  resizeTerminal(session: string, size: { columns: number; rows: number }): void;
}

const nothing = z.strictObject({});
const text = z.string().max(1024 * 1024);
const theme = z.enum(['system', 'light', 'dark']);
/** No path: a name to put in the dialog's field. */
const fileName = z.string().min(1).max(120).regex(/^[^/\0]+$/);

/** The methods that Electron's main process answers itself. */
export function createAppMethods(ports: AppPorts): AppMethodTable {
  return {
    'app.pick-image-file': method('app.pick-image-file', nothing, async () => pathOrNothing(await ports.pickImageFile())),
    'app.pick-folders': method('app.pick-folders', nothing, async () => ({ paths: await ports.pickFolders() })),
    'app.pick-files': method('app.pick-files', nothing, async () => ({ paths: await ports.pickFiles() })),
    'app.pick-destination': method('app.pick-destination', nothing, async () => pathOrNothing(await ports.pickDestination())),
    'app.list-guest-folder': method('app.list-guest-folder', guestFolderParams, async (params) => await ports.listGuestFolder(params)),
    'app.downloads-folder': method('app.downloads-folder', nothing, () => ({ path: ports.downloadsFolder() })),
    'app.desktop-proxy': method('app.desktop-proxy', nothing, async () => {
      const proxy = await ports.desktopProxy();
      return proxy === undefined ? {} : { proxy };
    }),
    'app.mount-users': method('app.mount-users', z.strictObject({ name: instanceName, target: z.string().max(4096) }), async ({ name, target }) => ({ users: [...(await ports.mountUsers(name, target))] })),
    ...copyMethods(ports.copies),
    'app.save-text': method('app.save-text', z.strictObject({ suggestedName: fileName, text }), async (params) =>
      pathOrNothing(await ports.saveText(params.suggestedName, params.text)),
    ),
    'app.copy-text': method('app.copy-text', z.strictObject({ text }), async (params) => {
      await ports.copyText(params.text);
      return {};
    }),
    'app.preferences': method('app.preferences', nothing, () => ports.preferences()),
    'app.set-theme': method('app.set-theme', z.strictObject({ theme }), (params) => {
      ports.setTheme(params.theme);
      return {};
    }),
    'app.open-local-terminal': method('app.open-local-terminal', terminalSize.strict(), async (size) => await ports.openTerminal(size)),
    'app.resize-local-terminal': method('app.resize-local-terminal', terminalSize.extend({ session: z.string().max(64) }).strict(), (params) => {
      ports.resizeTerminal(params.session, { columns: params.columns, rows: params.rows });
      return {};
    }),
  } satisfies Record<keyof AppMethods, AppMethod>;
}

function copyMethods(copies: AppPorts['copies']) {
  return {
    'app.copy-in': method('app.copy-in', copyInParams, (params) => ({ id: copies.copyIn(params) })),
    'app.copy-out': method('app.copy-out', copyOutParams, (params) => ({ id: copies.copyOut(params) })),
    'app.answer-conflict': method('app.answer-conflict', conflictAnswer, (answer) => {
      copies.answer(answer);
      return {};
    }),
    'app.cancel-transfer': method('app.cancel-transfer', transferReference, ({ id }) => {
      copies.cancel(id);
      return {};
    }),
    'app.dismiss-transfer': method('app.dismiss-transfer', transferReference, ({ id }) => {
      copies.dismiss(id);
      return {};
    }),
  };
}

/** Ties schema and handler to the contract's types; the router has checked `params` by the schema. */
function method<Name extends keyof AppMethods>(
  _name: Name,
  params: z.ZodType<AppMethods[Name]['params']>,
  run: (params: AppMethods[Name]['params']) => AppMethods[Name]['result'] | Promise<AppMethods[Name]['result']>,
): AppMethod {
  return { params, run: async (checked) => await run(checked as AppMethods[Name]['params']) };
}

function pathOrNothing(path: string | undefined): { path?: string } {
  return path === undefined ? {} : { path };
}
