#!/bin/sh
# SPDX-License-Identifier: MIT
# Has programs of the guest that watch a mounted folder notice changes that were made on the host: gives the files that come
# on stdin, each ended by NUL, the mode that they have there already. Runs as root in the guest: notify.sh TARGET MODE
cd "$1" && exec xargs -0 -r -n 200 chmod "$2" --
