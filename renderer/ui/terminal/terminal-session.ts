// SPDX-License-Identifier: MIT
import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal } from '@xterm/xterm';
import { ReplayFilter } from '#contract/replay-filter.ts';
import { say } from '#messages/say.ts';
import type { TerminalStream } from '../../lib/terminal-stream.ts';
import { lineTimes, type LineTimes } from './line-times.ts';
import { RecordCursor, type RecordMark } from './record-cursor.ts';
import { terminalTheme } from './terminal-theme.ts';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface TerminalSessionOptions {
  readonly fontSize: number;
  readonly isReadOnly?: boolean;
  readonly scrollback?: number;
  readonly onResize?: (size: TerminalSize) => void;
}

/**
 * An xterm with its element, which outlives the React component that shows it: a shell goes on
 * while another page is open. Owns the stream it is given; `dispose` closes it.
 */
export interface TerminalSession {
  readonly terminal: Terminal;
  readonly search: SearchAddon;
  readonly times: LineTimes;
  /** Puts the terminal into a container; returns the way to take it out again. */
  attach(container: HTMLElement): () => void;
  fit(): TerminalSize | undefined;
  /** Shows what the stream brings, acknowledging what is on the screen. */
  connect(stream: TerminalStream, options?: ConnectOptions): void;
  disconnect(): void;
  setFontSize(pixels: number): void;
  setReadOnly(isReadOnly: boolean): void;
  refreshTheme(): void;
  dispose(): void;
}

export interface ConnectOptions {
  /** Where in the record the stream begins, and the marks of that record, for times beside lines. */
  readonly offset?: number;
  readonly marks?: readonly RecordMark[];
  /** From this offset on, what comes is new and is noted with the time of its arrival. */
  readonly liveFrom?: number;
  readonly onEnd?: (reason?: string) => void;
  /** How far the record was shown. */
  readonly onProgress?: (offset: number) => void;
}

export function createTerminalSession(options: TerminalSessionOptions): TerminalSession {
  const terminal = terminalWith(options);
  const holder = document.createElement('div');
  const fitter = new FitAddon();
  const search = new SearchAddon();
  terminal.loadAddon(fitter);
  terminal.loadAddon(search);
  // Emoji of many parts, flags and marks take the columns that berth's tables and today's terminals give them.
  terminal.loadAddon(new UnicodeGraphemesAddon());
  // The desktop program asks before it opens one. The addon's own way opens an empty window first, which is refused.
  terminal.loadAddon(new WebLinksAddon((_, link) => void window.open(link)));
  const times = lineTimes(terminal);
  // Shells that say where they are (OSC 7, as in vte's and Apple's): for what is dropped on them.
  terminal.parser.registerOscHandler(7, (text) => noteFolder(holder, text));
  holder.style.cssText = 'width:100%;height:100%';
  let stream: TerminalStream | undefined;
  const encoder = new TextEncoder();
  terminal.onData((text) => stream?.write(encoder.encode(text)));
  terminal.onBinary((text) => stream?.write(Uint8Array.from(text, (character) => character.charCodeAt(0))));
  terminal.onResize(({ cols, rows }) => options.onResize?.({ columns: cols, rows }));

  function fit(): TerminalSize | undefined {
    if (holder.clientWidth < 40 || holder.clientHeight < 20) return undefined;
    fitter.fit();
    return { columns: terminal.cols, rows: terminal.rows };
  }

  return {
    terminal,
    search,
    times,
    fit,
    attach(container) {
      container.append(holder);
      if (terminal.element === undefined) terminal.open(holder);
      Object.assign(container, { berthTerminal: terminal });
      fit();
      const observer = new ResizeObserver(() => fit());
      observer.observe(container);
      return () => {
        observer.disconnect();
        holder.remove();
      };
    },
    connect(next, connectOptions = {}) {
      stream?.close();
      stream = next;
      const onEnd = (reason?: string): void => {
        if (stream === next) stream = undefined;
        connectOptions.onEnd?.(reason);
      };
      listen(terminal, next, times, { ...connectOptions, onEnd });
    },
    disconnect() {
      stream?.close();
      stream = undefined;
    },
    setFontSize(pixels) {
      terminal.options.fontSize = pixels;
      fit();
    },
    setReadOnly(isReadOnly) {
      terminal.options.disableStdin = isReadOnly;
    },
    refreshTheme() {
      terminal.options.theme = terminalTheme();
    },
    dispose() {
      stream?.close();
      stream = undefined;
      terminal.dispose();
      holder.remove();
    },
  };
}

/** Shows what comes, with its times, acknowledging each piece when it is on the screen. */
function listen(terminal: Terminal, stream: TerminalStream, times: LineTimes, options: ConnectOptions): void {
  let replayed = (options.offset ?? 0) < (options.liveFrom ?? 0) ? new ReplayFilter() : undefined;
  const cursor = new RecordCursor(
    options.offset ?? 0,
    options.marks ?? [],
    options.liveFrom ?? Number.POSITIVE_INFINITY,
  );
  stream.listen({
    data(bytes, acknowledge) {
      for (let position = 0; position < bytes.length;) {
        const { length, atMs, isFirstLive } = cursor.next(bytes.length - position, Date.now());
        if (isFirstLive && replayed) {
          terminal.write(replayed.end());
          replayed = undefined;
        }
        if (atMs !== undefined) terminal.write('', () => times.note(atMs));
        const piece = bytes.subarray(position, position + length);
        terminal.write(replayed?.pass(piece) ?? piece, () => acknowledge(length));
        position += length;
      }
      options.onProgress?.(cursor.offset);
    },
    end(reason) {
      options.onEnd?.(reason);
    },
  });
}

/** `file://host/folder`, percent-encoded. What is something else says nothing. */
function noteFolder(holder: HTMLElement, text: string): boolean {
  const path = /^file:\/\/[^/]*(\/.*)$/.exec(text)?.[1];
  try {
    if (path !== undefined) holder.dataset['folder'] = decodeURIComponent(path);
  } catch {
    // Not encoded as it should be.
  }
  return true;
}

function terminalWith(options: TerminalSessionOptions): Terminal {
  Terminal.strings.promptLabel = say('terminal.input');
  return new Terminal({
    allowProposedApi: true,
    cursorBlink: false,
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--font-mono'),
    fontSize: options.fontSize,
    lineHeight: 1.2,
    scrollback: options.scrollback ?? 10_000,
    theme: terminalTheme(),
    disableStdin: options.isReadOnly ?? false,
    minimumContrastRatio: 4.5,
  });
}
