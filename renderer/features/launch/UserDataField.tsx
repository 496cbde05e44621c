// SPDX-License-Identifier: MIT
import { FileTrigger } from 'react-aria-components';
import { formatBytes } from '#contract/units.ts';
import { largestUserDataBytes, prepareUserData } from '#contract/user-data.ts';
import { say } from '#messages/say.ts';
import { Button } from '../../ui/Button.tsx';
import { FileDrop } from '../../ui/FileDrop.tsx';
import { TextField } from '../../ui/TextField.tsx';
import type { UserDataFile } from './launch-form.ts';
import styles from './LaunchForm.module.css';

const example = '#cloud-config\npackages:\n  - git';

interface UserDataFieldProps {
  readonly text: string;
  /** In the text's place: its bytes are sent as they are, which text in a window could not be. */
  readonly file: UserDataFile | undefined;
  readonly error: string | undefined;
  readonly onText: (text: string) => void;
  readonly onFile: (file: UserDataFile | undefined) => void;
}

/** The cloud-init document: typed, or a file that is dropped or chosen. */
export function UserDataField({ text, file, error, onText, onFile }: UserDataFieldProps) {
  const take = async (chosen: File | null | undefined): Promise<void> => {
    if (!chosen) return;
    // A little more is enough to say that it is too long.
    const given = new Uint8Array(await chosen.slice(0, largestUserDataBytes + 1024).arrayBuffer());
    onFile({ name: chosen.name, ...prepareUserData(given) });
  };
  return (
    <FileDrop
      className={styles.userData}
      hint={say('launch.drop-user-data')}
      onDrop={(transfer) => void take(transfer.files[0])}
    >
      {file === undefined ? (
        <TextField
          label={say('launch.user-data')}
          testId="launch-userdata"
          value={text}
          onChange={onText}
          error={error}
          note={say('launch.user-data-note')}
          placeholder={example}
          isMono
          rows={7}
        />
      ) : (
        <FileLine file={file} error={error} onRemove={() => onFile(undefined)} />
      )}
      {/* Not within the text field, whose value the hidden input would take for its own. */}
      <FileTrigger onSelect={(files) => void take(files?.[0])}>
        <Button size="small">{say('launch.choose-user-data')}</Button>
      </FileTrigger>
    </FileDrop>
  );
}

interface FileLineProps {
  readonly file: UserDataFile;
  readonly error: string | undefined;
  readonly onRemove: () => void;
}

function FileLine({ file, error, onRemove }: FileLineProps) {
  return (
    <TextField
      label={say('launch.user-data')}
      testId="launch-userdata-file"
      value={`${file.name} (${formatBytes(file.bytes.length)})`}
      onChange={() => undefined}
      isDisabled
      error={error}
      note={[say('launch.user-data-file-note'), ...file.notes].join(' ')}
      isMono
      action={
        <Button size="small" onPress={onRemove}>
          {say('launch.remove-user-data')}
        </Button>
      }
    />
  );
}
