// SPDX-License-Identifier: MIT
import { useState, type DragEvent, type ReactNode } from 'react';
import { FileInput } from 'lucide-react';
import { classNames } from '../lib/class-names.ts';
import styles from './FileDrop.module.css';

interface FileDropProps {
  /** What a drop will do, said while something is dragged over it. */
  readonly hint: string;
  /** The dropped things, within the drop event. */
  readonly onDrop: (transfer: DataTransfer) => void;
  readonly className?: string | undefined;
  readonly 'aria-label'?: string;
  readonly children: ReactNode;
}

/** A part of the window that files can be dropped on. */
export function FileDrop({ hint, onDrop, className, children, ...rest }: FileDropProps) {
  const [isOver, setOver] = useState(false);
  const over = (event: DragEvent): void => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault(); // else a drop would leave this page for the file
    event.dataTransfer.dropEffect = 'copy';
    setOver(true);
  };
  const leave = (event: DragEvent): void => {
    if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) setOver(false);
  };
  const drop = (event: DragEvent): void => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    setOver(false);
    onDrop(event.dataTransfer);
  };
  return (
    <section
      {...rest}
      className={classNames(className, isOver && styles.over)}
      data-takes-files=""
      onDragEnter={over}
      onDragOver={over}
      onDragLeave={leave}
      onDrop={drop}
    >
      {children}
      {isOver ? (
        <div className={styles.hint} data-testid="file-drop-hint">
          <FileInput size={16} aria-hidden="true" />
          {hint}
        </div>
      ) : null}
    </section>
  );
}
