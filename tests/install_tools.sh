#!/bin/sh
# Programs that tests run beside Python: Chromium (the page) and bowtie2 (alignment).
# Installs what is missing where that is allowed; in CI a missing one is an error.
set -u

missing=""
for program in chromium bowtie2; do
    command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done
[ -z "$missing" ] && exit 0

if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

for program in $missing; do
    command -v "$program" >/dev/null 2>&1 && continue
    if [ -n "${CI:-}" ]; then
        echo "$program is missing and could not be installed; tests need it" >&2
        exit 1
    fi
    echo "$program is missing: the tests that need it are skipped" >&2
done
exit 0
