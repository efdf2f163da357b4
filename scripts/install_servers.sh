#!/bin/sh
# Some tests run the proxies and the pooler that people put around Doable. In CI, on Debian or Ubuntu and as root, they are
# installed, and none of them is started; anywhere else those tests use what is there, or skip and say so loudly.
set -u
[ "${CI:-}" = true ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || exit 0
# Of Apache the program alone.
missing=
for package in nginx haproxy caddy apache2-bin pgbouncer; do
    dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
echo "Installing for the tests:$missing."
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
fi
# No mirror that hangs may take the time of the tests.
quietly() { DEBIAN_FRONTEND=noninteractive timeout 240 apt-get "$@" -o Acquire::Retries=2 -o Dpkg::Use-Pty=0 >/dev/null 2>&1 </dev/null; }
quietly update
# shellcheck disable=SC2086 - a list of words
quietly install -y --no-install-recommends $missing && exit 0
[ $? != 124 ] || { echo "They could not be fetched in time; their tests will skip."; exit 0; }
for package in $missing; do
    quietly install -y --no-install-recommends "$package" || echo "$package could not be installed; its tests will skip."
done
exit 0
