#!/bin/sh
# Puts Smart DCC's tools into the directory named, each checked by its hash; Node.js and Java come from Debian if absent.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
place=$1

is_new_enough() { # command, its version as a number, the least
    command -v "$1" > /dev/null 2>&1 && [ "$2" -ge "$3" ] 2> /dev/null
}
node_version() { node --version 2> /dev/null | sed 's/^v\([0-9]*\).*/\1/'; }
java_version() { java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p'; }

wanted=""
is_new_enough node "$(node_version)" 16 || wanted="nodejs npm"
command -v npm > /dev/null 2>&1 || wanted="nodejs npm"
is_new_enough java "$(java_version)" 11 || wanted="$wanted default-jre-headless"
if [ -n "$wanted" ]; then
    if ! command -v apt-get > /dev/null 2>&1 || [ "$(id -u)" -ne 0 ]; then
        echo "make interop needs Node.js 16 or later with npm, and a Java runtime 11 or later. Missing here:$(printf ' %s' $wanted). Install them, or run this as root on Debian." >&2
        exit 1
    fi
    apt-get update -qq
    # shellcheck disable=SC2086 # a list of packages
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends $wanted > /dev/null
fi

mkdir -p "$place"
cp "$here/package.json" "$here/package-lock.json" "$here/tools.cjs" "$place/"
cd "$place"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
