#!/bin/sh
# The attacker's tpm2_quote, first in the PATH of a guard: keeps the first quote that the real one makes for each TPM, and gives that
# one again as soon as a file says so.
here=$(dirname "$0")
site=$(basename "$TPM2TOOLS_TCTI" .sock)
real=$(PATH=${PATH#"$here":} command -v tpm2_quote)
previous=
for argument; do
  case $previous in
    -m) message=$argument ;;
    -s) signature=$argument ;;
    -o) pcrs=$argument ;;
  esac
  previous=$argument
done
if [ -e "$here/replay-$site" ] && [ -e "$here/$site.pcrs" ]; then
  cp "$here/$site.message" "$message" && cp "$here/$site.signature" "$signature" && cp "$here/$site.pcrs" "$pcrs"
  exit
fi
"$real" "$@" || exit
if [ ! -e "$here/$site.pcrs" ]; then
  cp "$message" "$here/$site.message" && cp "$signature" "$here/$site.signature" && cp "$pcrs" "$here/$site.pcrs"
fi
