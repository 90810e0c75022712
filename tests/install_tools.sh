#!/bin/sh
# Programs that tests run beside Python: Chromium (the page), bowtie2 (alignment), and the genome
# browsers' own readers and TypeScript's check (npm packages, pinned by tests/clients/package-lock.json).
# Installs what is missing where that is allowed; in CI a missing one is an error.
set -u
cd "$(dirname "$0")/.." || exit 1

missing=""
for program in chromium bowtie2 npm; do
    command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done

if [ -n "$missing" ] && command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

complain() {
    if [ -n "${CI:-}" ]; then
        echo "$1 is missing and could not be installed; tests need it" >&2
        exit 1
    fi
    echo "$1 is missing: the tests that need it are skipped" >&2
}

for program in $missing; do
    command -v "$program" >/dev/null 2>&1 || complain "$program"
done

cd tests/clients || exit 1
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
    { command -v npm >/dev/null 2>&1 && npm ci --silent; } || complain "igv.js, JBrowse and readers of @gmod (npm ci in tests/clients)"
fi
exit 0
