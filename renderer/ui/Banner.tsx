// SPDX-License-Identifier: MIT
import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { classNames } from '../lib/class-names.ts';
import styles from './Banner.module.css';

const icons = { bad: CircleAlert, warning: TriangleAlert, plain: Info } as const;

interface BannerProps {
  readonly tone: keyof typeof icons;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

/** Something to know about the page it stands on. */
export function Banner({ tone, title, children, action }: BannerProps) {
  const Icon = icons[tone];
  return (
    <div className={classNames(styles.banner, styles[tone])} role={tone === 'bad' ? 'alert' : 'note'}>
      <Icon size={16} aria-hidden="true" />
      <div className={styles.text}>
        <strong>{title}</strong>
        {children}
      </div>
      {action}
    </div>
  );
}
