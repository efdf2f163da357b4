#!/bin/sh
# The browser test needs a Chromium. In CI, on Debian or Ubuntu and as root, it is installed; anywhere else the test uses
# the one that is there, or skips and says so loudly.
set -u
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "${CI:-}" = true ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser test."
    { timeout 300 apt-get update && DEBIAN_FRONTEND=noninteractive timeout 600 apt-get install -y --no-install-recommends chromium; } >/dev/null 2>&1 ||
        echo "Chromium could not be installed; the browser test will skip."
fi
exit 0
