#!/usr/bin/env bash
# Debian packages the tests need: a browser, fonts to see Chinese with, Java for the HTML checker,
# and for the report on paper what sets it (pango) and what reads it (poppler, LibreOffice).
set -euo pipefail
missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v java >/dev/null || missing+=(default-jre-headless)
fc-list ":lang=zh-cn" 2>/dev/null | grep -q . || missing+=(fonts-noto-cjk fontconfig)
ldconfig -p | grep -q libpangoft2-1.0 || missing+=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)
command -v pdftotext >/dev/null || missing+=(poppler-utils)
command -v soffice >/dev/null || missing+=(libreoffice-writer-nogui libreoffice-calc-nogui)
[ "${#missing[@]}" -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "测试需要这些 Debian 软件包，请先安装：${missing[*]}" >&2
  exit 1
fi
echo "安装测试所需的 Debian 软件包：${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
