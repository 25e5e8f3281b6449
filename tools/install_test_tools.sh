#!/usr/bin/env bash
# What the tests need beyond Python: Debian's chromium (journeys) and golang with x/mod (foreign ledger verifier).
set -u
missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v go >/dev/null || missing+=(golang-go)
[ -d /usr/share/gocode/src/golang.org/x/mod ] || missing+=(golang-golang-x-mod-dev)
[ ${#missing[@]} -eq 0 ] && exit 0
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then as_root=(sudo -n)
  else
    echo "Tests that need ${missing[*]} will be skipped: this user may not install Debian packages. An administrator can run: apt-get install ${missing[*]}" >&2
    exit 0
  fi
fi
command -v apt-get >/dev/null || { echo "Tests that need ${missing[*]} will be skipped: this machine has no apt-get." >&2; exit 0; }
{ "${as_root[@]}" apt-get update -q && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"; } >/dev/null 2>&1 ||
  echo "Tests that need ${missing[*]} will be skipped: apt-get could not install them." >&2
exit 0
