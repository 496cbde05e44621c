// SPDX-License-Identifier: MIT
import { median, percentile } from './statistics.ts';

/** One figure of a benchmark, with everything it was made from. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly samples: readonly number[];
  readonly median?: number;
  readonly p95?: number;
  /** Median over the median of the figure it is compared with. */
  readonly ratio?: number;
  /** What the issue asks for, in words. */
  readonly target?: string;
  /** Why there are no samples, or how they were taken. */
  readonly note?: string;
}

export interface Benchmark {
  readonly name: string;
  /** Runs bounded by `signal`; what it started is gone when it returns or throws. */
  readonly run: (signal: AbortSignal) => Promise<readonly Figure[]>;
}

/** A figure with its medians worked out. */
export function figure(
  what: string,
  unit: string,
  samples: readonly number[],
  more: Pick<Figure, 'ratio' | 'target' | 'note'> = {},
): Figure {
  return samples.length === 0
    ? { what, unit, samples, ...more }
    : { what, unit, samples, median: median(samples), p95: percentile(samples, 95), ...more };
}
