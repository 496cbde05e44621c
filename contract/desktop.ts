// SPDX-License-Identifier: MIT
/**
 * What the preload script puts on `window.berth`: the window's only door to the outside. Streams
 * come as MessagePorts through `window.postMessage`, because the context bridge cannot carry them.
 */
import type { z } from 'zod';
import type { HelperErrorData } from './errors.ts';
import type { HelperEvent, ImageLists, Snapshot } from './events.ts';
import type { HostId } from './hosts.ts';
import type { HostsView } from './hosts-view.ts';
import type { InstanceName, StreamToken } from './names.ts';
import type {
  conflictAnswer,
  copyInParams,
  copyOutParams,
  GuestFolder,
  guestFolderParams,
  Transfer,
  transferReference,
} from './transfers.ts';

/** An error as a value: Electron's own invoke keeps only the message of a thrown one. */
export type Envelope =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: HelperErrorData };

/** The connection to the helper, as the window sees it. */
export type LinkState =
  | { readonly state: 'connecting' }
  | { readonly state: 'connected'; readonly helperVersion: string }
  /** Not reached; tried again by itself. `reason` tells a missing socket from a refused one. */
  | {
      readonly state: 'down';
      readonly reason: 'no-socket' | 'no-permission' | 'refused' | 'version-mismatch' | 'lost';
      readonly path: string;
      readonly detail: string;
    };

/** What a host's link tells. */
export type HostMessage = { readonly host: HostId } & (
  | { readonly kind: 'link'; readonly link: LinkState }
  /** `phases` of its instances where they are known already: to a window that comes late. */
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot; readonly phases?: HostsView['phases'] }
  | { readonly kind: 'event'; readonly event: HelperEvent }
  /** All that there is of images now, in the place of what was known. */
  | { readonly kind: 'images'; readonly images: ImageLists }
);

export type LinkMessage =
  | HostMessage
  /** All copies that run, and the last of those that ended. */
  | { readonly kind: 'transfers'; readonly transfers: readonly Transfer[] };

/** Methods that Electron's main process answers itself. */
export interface AppMethods {
  'app.pick-image-file': { params: Record<string, never>; result: { path?: string } };
  /** Folders to share, files to copy into an instance, or a folder for what comes out of one. */
  'app.pick-folders': { params: Record<string, never>; result: { paths: string[] } };
  'app.pick-files': { params: Record<string, never>; result: { paths: string[] } };
  'app.pick-destination': { params: Record<string, never>; result: { path?: string } };
  /** Where the desktop puts what comes from elsewhere. */
  'app.downloads-folder': { params: Record<string, never>; result: { path: string } };
  /** The proxy of the user's desktop, where it has one. */
  'app.desktop-proxy': { params: Record<string, never>; result: { proxy?: string } };
  /** Programs of the guest that use a mounted folder; none where the guest does not tell. */
  'app.mount-users': {
    params: { name: InstanceName; target: string };
    result: { users: { pid: number; command: string }[] };
  };
  /** Answers once the copy is under way; the rest comes as `transfers`. */
  'app.copy-in': { params: z.output<typeof copyInParams>; result: { id: string } };
  'app.copy-out': { params: z.output<typeof copyOutParams>; result: { id: string } };
  'app.list-guest-folder': { params: z.output<typeof guestFolderParams>; result: GuestFolder };
  'app.answer-conflict': { params: z.output<typeof conflictAnswer>; result: Record<string, never> };
  'app.cancel-transfer': { params: z.output<typeof transferReference>; result: Record<string, never> };
  /** Puts an ended copy away; it stays among those of the past. */
  'app.dismiss-transfer': { params: z.output<typeof transferReference>; result: Record<string, never> };
  'app.copy-text': { params: { text: string }; result: Record<string, never> };
  'app.save-text': { params: { suggestedName: string; text: string }; result: { path?: string } };
  'app.set-theme': { params: { theme: 'system' | 'light' | 'dark' }; result: Record<string, never> };
  'app.preferences': { params: Record<string, never>; result: Preferences };
  /** A terminal on this computer, in a pseudo-terminal of its own; `terminal` opens through openStream. */
  'app.open-local-terminal': {
    params: { columns: number; rows: number };
    result: { session: string; terminal: string };
  };
  'app.resize-local-terminal': {
    params: { session: string; columns: number; rows: number };
    result: Record<string, never>;
  };
}

export interface Preferences {
  readonly theme: 'system' | 'light' | 'dark';
}

/**
 * A stream's port: each side posts `StreamMessage`s. The receiver acknowledges what it has put on
 * the screen; the sender stops when a window of unacknowledged bytes is full.
 */
export type StreamMessage =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'ack'; readonly bytes: number }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly reason: string };

/** The `window.postMessage` that brings the port asked for with openStream. */
export interface StreamOpened {
  readonly berthStream: string;
}

export interface DesktopBridge {
  /**
   * A method of the contract's table, asked of that host's helper, or one of {@link AppMethods}, about that host where
   * it is about one. Without a host: this computer.
   */
  request(method: string, params: unknown, host?: HostId): Promise<Envelope>;
  /**
   * Each host's link state and, when connected, a snapshot come first; then every change. Returns the way to stop.
   */
  subscribe(listener: (message: LinkMessage) => void): () => void;
  /**
   * Connects to a stream of a host, of this computer without one; its port arrives as a message event whose data is
   * {@link StreamOpened} with this `id`.
   */
  openStream(token: StreamToken | string, id: string, host?: HostId): void;
  /** Where a dropped `File` lies on this computer; empty for one that was made by a page. */
  pathOf(file: object): string;
  readonly platform: {
    readonly appVersion: string;
    readonly electronVersion: string;
    /** What the window speaks, as BCP 47 has it. */
    readonly language: string;
  };
}
