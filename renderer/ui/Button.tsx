// SPDX-License-Identifier: MIT
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components';
import type { ReactNode } from 'react';
import { classNames } from '../lib/class-names.ts';
import { Tooltip } from './Tooltip.tsx';
import styles from './Button.module.css';

interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'style' | 'children'> {
  readonly tone?: 'primary' | 'plain' | 'quiet' | 'danger';
  readonly size?: 'normal' | 'small';
  readonly icon?: ReactNode;
  readonly children?: ReactNode;
  /** Shown on hover and focus; holds the equal command line where there is one. */
  readonly hint?: ReactNode;
  readonly 'data-testid'?: string;
}

/** A push button with a word on it. */
export function Button({ tone = 'plain', size = 'normal', icon, children, hint, ...rest }: ButtonProps) {
  const button = (
    <AriaButton {...rest} className={classNames(styles.button, styles[tone], size === 'small' && styles.small)}>
      {icon}
      {children === undefined ? null : <span>{children}</span>}
    </AriaButton>
  );
  return hint === undefined ? button : <Tooltip text={hint}>{button}</Tooltip>;
}

interface IconButtonProps extends Omit<AriaButtonProps, 'className' | 'style' | 'children'> {
  /** The accessible name, and the tooltip. */
  readonly label: string;
  readonly icon: ReactNode;
  readonly isActive?: boolean;
  readonly 'data-testid'?: string;
}

/** A push button with a picture on it. */
export function IconButton({ label, icon, isActive, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label}>
      <AriaButton
        {...rest}
        aria-label={label}
        className={classNames(styles.button, styles.icon, isActive && styles.active)}
      >
        {icon}
      </AriaButton>
    </Tooltip>
  );
}
