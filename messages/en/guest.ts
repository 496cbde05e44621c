// SPDX-License-Identifier: MIT

export const guest = {
  'guest.wait-broken-off': 'the wait for cloud-init was broken off',
  'guest.prints-without-end': "a command of Berth's printed without end",
  'guest.connection-closed': 'the connection was closed',
  'guest.process-ended': 'its process ended',
  'guest.broke-rules': 'its process broke the rules: {message}',
  'guest.too-many-channels': '{most} connections and channels of this guest are open',
  'guest.was-ended': 'it was ended',
  'guest.process-silent': 'its process does not answer',
  'guest.machine-ended': 'the machine ended',
} as const;
