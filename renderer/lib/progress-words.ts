// SPDX-License-Identifier: MIT
import type { StepProgress } from '#contract/operations.ts';
import { formatBytes, formatDuration } from './format.ts';

/** The steps by which an image comes, as a person would say them; the helper's own words else. */
const steps: Readonly<Record<string, string>> = {
  waiting: 'Waiting for its turn',
  refresh: 'Asking the image sources',
  resume: 'Going on with what came before',
  download: 'Downloading the image',
  retry: 'Trying again',
  'mirror failed': 'The mirror failed: asking the publisher',
  copy: 'Copying the file',
  unpack: 'Unpacking the image',
  inspect: 'Looking at the image',
  check: 'Checking the image',
  convert: 'Converting the image',
  fingerprint: 'Taking the image’s fingerprint',
  verify: 'Reading the image again',
};

export function stepWords(progress: StepProgress | undefined): string {
  return progress === undefined ? 'Waiting' : (steps[progress.step] ?? progress.step);
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
        : `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`,
    bytesPerSecond === undefined ? undefined : `${formatBytes(bytesPerSecond)}/s`,
    secondsLeft === undefined
      ? undefined
      : secondsLeft < 60
        ? `${secondsLeft} s left`
        : `${formatDuration(secondsLeft * 1000)} left`,
  ]
    .filter((word) => word !== undefined)
    .join(' · ');
}
