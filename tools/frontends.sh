#!/bin/sh
# What is written in TypeScript: frontends.sh install run|dev, build, check, format or test.
# Uses the machine's Node where it is 20 or newer, and otherwise one from a wheel in .venv.
set -eu
cd "$(dirname "$0")/.."

usable() {
    "$1" -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' >/dev/null 2>&1
}

if ! { usable node && command -v npm >/dev/null 2>&1; }; then
    if ! usable .venv/bin/node; then
        sh tools/environment.sh node
    fi
    PATH="$PWD/.venv/bin:$PATH"
    export PATH
fi

case $1 in
install)
    wanted=$2
    # Somebody who works on it keeps what checking needs.
    if [ -e frontends/node_modules/.dev ]; then wanted=dev; fi
    if [ "$wanted" = dev ]; then
        printf '· installing what checking TypeScript needs (once, half a minute) …\n' >&2
        rest=
    else
        printf '· installing what building the tag needs (once, seconds) …\n' >&2
        rest=--omit=dev
    fi
    npm --prefix frontends ci $rest --prefer-offline --no-audit --no-fund --loglevel=error >&2
    # What checking needs includes what building needs.
    touch frontends/node_modules/.run
    if [ "$wanted" = dev ]; then touch frontends/node_modules/.dev; fi
    ;;
build)
    printf '· building the tag …\n' >&2
    node frontends/tag/build.mjs
    ;;
check)
    cd frontends
    node node_modules/@biomejs/biome/bin/biome check --error-on-warnings .
    node node_modules/typescript/bin/tsc -p tag
    node node_modules/typescript/bin/tsc -p tag/test
    node node_modules/typescript/bin/tsc -p gtm
    node gtm/run.mjs check
    ;;
format)
    cd frontends
    node node_modules/@biomejs/biome/bin/biome check --write .
    ;;
test)
    printf '· testing the tag and its tag-manager templates …\n' >&2
    node frontends/tag/test.mjs
    node frontends/gtm/run.mjs test
    node --test --test-reporter=dot frontends/gtm/test/templates.test.mjs
    ;;
esac
