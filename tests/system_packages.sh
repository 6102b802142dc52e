#!/usr/bin/env bash
# System packages that some tests need: a browser, QGIS, a Chinese font. Where apt-get or the right to use it is
# missing it says so; the tests that need them are then skipped (or fail, with LANTU_REQUIRE=all).
set -eu
need=()
command -v chromium >/dev/null || need+=(chromium)
command -v chromedriver >/dev/null || need+=(chromium-driver)
[ -e /usr/lib/python3/dist-packages/qgis ] || need+=(python3-qgis)
fc-list 2>/dev/null | grep -qi 'noto sans cjk' || need+=(fonts-noto-cjk fontconfig)
[ ${#need[@]} -eq 0 ] && exit 0
if ! command -v apt-get >/dev/null; then
  echo "Not Debian or Ubuntu: install by hand what stands for: ${need[*]}" >&2
  exit 0
fi
sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo"
$sudo apt-get update -qq
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
