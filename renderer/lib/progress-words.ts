// SPDX-License-Identifier: MIT
import type { StepProgress } from '#contract/operations.ts';
import { say, saySentence } from '#messages/say.ts';
import { formatBytes, formatDuration } from './format.ts';

/** A step by which an image comes, as a person would say it; the helper's own words else. */
export function stepWords(progress: StepProgress | undefined): string {
  if (progress === undefined) return say('progress.waiting');
  return saySentence({ id: `progress.step-${progress.step.replaceAll(' ', '-')}` }) ?? progress.step;
}

/**
 * How much came, how fast and how long it still takes, as far as that is known: `8.7 MiB of 139 MiB · 11 MiB/s · 12 s
 * left`.
 */
export function amountWords(progress: StepProgress | undefined): string {
  if (progress === undefined) return '';
  const { bytes, totalBytes, bytesPerSecond, secondsLeft } = progress;
  return [
    bytes === undefined
      ? undefined
      : totalBytes === undefined
        ? formatBytes(bytes)
        : say('common.amount-of', { done: formatBytes(bytes), total: formatBytes(totalBytes) }),
    bytesPerSecond === undefined ? undefined : say('common.per-second', { amount: formatBytes(bytesPerSecond) }),
    secondsLeft === undefined
      ? undefined
      : say('common.time-left', {
          duration:
            secondsLeft < 60 ? say('time.seconds', { seconds: secondsLeft }) : formatDuration(secondsLeft * 1000),
        }),
  ]
    .filter((word) => word !== undefined)
    .join(' · ');
}
