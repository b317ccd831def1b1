#!/bin/sh
# Makes sure that one of some programs is there: need.sh <package> <program>...
# Installs the package where that is possible without asking anybody, and says what to do where it is not.
set -eu
package=$1
shift
for program in "$@"; do
    if command -v "$program" >/dev/null 2>&1; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    printf '· installing %s (once) …\n' "$package" >&2
    apt-get update -q >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$package" >&2
    exit 0
fi
printf '%s is needed and was not found. Install it, for example: sudo apt-get install %s\n' "$package" "$package" >&2
exit 1
