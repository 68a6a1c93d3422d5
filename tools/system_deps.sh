#!/usr/bin/env bash
# Sees to the programs that the tests use beside Python: a browser, two independent GPX readers and
# a font with Chinese. Installs what is missing where apt may be used; elsewhere says what is missing.
set -uo pipefail

has_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
has_chinese_font() { command -v fc-list && fc-list :lang=zh | grep -q .; }

missing=()
has_browser >/dev/null || missing+=(chromium)
command -v gpsbabel >/dev/null || missing+=(gpsbabel)
command -v ogrinfo >/dev/null || missing+=(gdal-bin)
has_chinese_font >/dev/null || missing+=(fontconfig fonts-noto-cjk)
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root=()
elif sudo -n true 2>/dev/null; then
    as_root=(sudo -n)
else
    as_root=(false)
fi

if command -v apt-get >/dev/null && [ "${as_root[*]:-}" != false ]; then
    echo "Installing for the tests: ${missing[*]}"
    apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq)
    "${apt[@]}" update
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null && exit 0
fi

echo "Missing for some tests: ${missing[*]} (names of Debian packages)."
echo "Install them with your system's package manager; until then those tests are skipped."
