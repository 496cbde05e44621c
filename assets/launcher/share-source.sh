#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints where a folder really is, for its user, in whose name this runs: share-source.sh FOLDER
exec 3< "$1/."
readlink -n /proc/self/fd/3
