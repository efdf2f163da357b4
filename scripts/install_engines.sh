#!/bin/sh
# The stories are told in Firefox and in WebKit as well. In CI, on Debian and as root, these are installed; anywhere else the
# stories use those that are there, or skip and say so loudly.
set -u
if command -v firefox-esr >/dev/null 2>&1 && command -v WebKitWebDriver >/dev/null 2>&1 && command -v Xvfb >/dev/null 2>&1; then
    exit 0
fi
if [ "${CI:-}" = true ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Firefox, WebKit's driver and Xvfb for the stories."
    { timeout 300 apt-get update && DEBIAN_FRONTEND=noninteractive timeout 600 apt-get install -y --no-install-recommends \
        firefox-esr webkit2gtk-driver xvfb; } >/dev/null 2>&1 ||
        echo "They could not be installed; the stories in them will skip."
fi
exit 0
