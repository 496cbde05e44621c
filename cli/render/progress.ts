// SPDX-License-Identifier: MIT
import { formatDuration } from '#contract/duration.ts';
import { formatBytes } from '#contract/units.ts';
import { say } from '#messages/say.ts';
import type { Paint } from './colour.ts';
import { escapeForTerminal } from './escape.ts';
import { fitWidth } from './width.ts';

/** What is known of one operation under way. */
export interface ProgressState {
  readonly label: string;
  readonly startedAtMs: number;
  /** The boot phase or the step, whichever spoke last. */
  readonly step?: string;
  readonly stepStartedAtMs?: number;
  /** 0 to 1. */
  readonly fraction?: number;
  readonly bytes?: number;
  readonly totalBytes?: number;
  readonly bytesPerSecond?: number;
  readonly secondsLeft?: number;
}

/**
 * Shows operations while they run. A terminal gets one line redrawn in place, anything else a line per change, or
 * nothing.
 */
export interface Progress {
  update(id: string, state: ProgressState): void;
  /** Takes the operation off the line; `summary` stays on the screen. */
  finish(id: string, summary?: string): void;
  /** Removes the line, so that something else can be written, until {@link Progress.resume}. */
  pause(): void;
  resume(): void;
  close(): void;
}

interface Screen {
  readonly columns?: number;
  write(text: string): unknown;
}

const redrawMs = 120;
const eraseLine = '\r\u001b[K';

/** One line on a terminal, redrawn as time passes. */
export class ProgressLine implements Progress {
  readonly #screen: Screen;
  readonly #paint: Paint;
  readonly #states = new Map<string, ProgressState>();
  #timer: NodeJS.Timeout | undefined;
  #isPaused = false;

  constructor(screen: Screen, paint: Paint) {
    this.#screen = screen;
    this.#paint = paint;
  }

  update(id: string, state: ProgressState): void {
    this.#states.set(id, state);
    this.#timer ??= setInterval(() => this.#draw(), redrawMs);
    this.#draw();
  }

  finish(id: string, summary?: string): void {
    this.#states.delete(id);
    this.#screen.write(eraseLine);
    if (summary) this.#screen.write(`${this.#paint('green', '✓')} ${escapeForTerminal(summary)}\n`);
    if (this.#states.size === 0) this.close();
    else this.#draw();
  }

  pause(): void {
    this.#isPaused = true;
    this.#screen.write(eraseLine);
  }

  resume(): void {
    this.#isPaused = false;
    this.#draw();
  }

  close(): void {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#screen.write(eraseLine);
  }

  #draw(): void {
    if (this.#isPaused || this.#states.size === 0) return;
    const now = Date.now();
    const text = [...this.#states.values()].map((state) => progressText(state, now)).join('  ·  ');
    this.#screen.write(
      `${eraseLine}${this.#paint('cyan', fitWidth(text, Math.max(20, (this.#screen.columns ?? 80) - 1)))}`,
    );
  }
}

/** A line per change of step, for logs: no control characters, no repeats for bytes alone. */
export class ProgressLog implements Progress {
  readonly #screen: Screen;
  readonly #lastSteps = new Map<string, string | undefined>();

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  update(id: string, state: ProgressState): void {
    if (this.#lastSteps.has(id) && this.#lastSteps.get(id) === state.step) return;
    this.#lastSteps.set(id, state.step);
    this.#screen.write(`${progressText(state, Date.now())}\n`);
  }

  finish(_id: string, summary?: string): void {
    if (summary) this.#screen.write(`${escapeForTerminal(summary)}\n`);
  }

  pause(): void {
    /* a log has no line to remove */
  }
  resume(): void {
    /* see pause */
  }
  close(): void {
    /* nothing is held */
  }
}

/** Shows nothing. */
export const silentProgress: Progress = {
  update: () => undefined,
  finish: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
  close: () => undefined,
};

/** `launch web: firmware · 40 % · 12 MiB of 30 MiB · 1.2 s (4.0 s)`; the time of the step, then of the whole. */
export function progressText(state: ProgressState, nowMs: number): string {
  const parts: string[] = [];
  if (state.step) parts.push(escapeForTerminal(state.step));
  if (state.fraction !== undefined) parts.push(`${Math.floor(state.fraction * 100)} %`);
  if (state.bytes !== undefined)
    parts.push(
      state.totalBytes
        ? say('cli.operation.bytes-of', { done: formatBytes(state.bytes), total: formatBytes(state.totalBytes) })
        : formatBytes(state.bytes),
    );
  if (state.bytesPerSecond !== undefined) parts.push(`${formatBytes(state.bytesPerSecond)}/s`);
  if (state.secondsLeft !== undefined)
    parts.push(say('cli.operation.time-left', { time: formatDuration(state.secondsLeft * 1000) }));
  const whole = formatDuration(nowMs - state.startedAtMs);
  parts.push(
    state.stepStartedAtMs === undefined ? whole : `${formatDuration(nowMs - state.stepStartedAtMs)} (${whole})`,
  );
  return `${escapeForTerminal(state.label)}: ${parts.join(' · ')}`;
}
