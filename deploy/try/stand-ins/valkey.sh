#!/bin/sh
# The official image lets other containers in without a password; the program as it comes does not.
set -eu
[ "${1:-}" = valkey-server ] && exec "$@" --protected-mode no
exec "$@"
