#!/usr/bin/env bash
# The whole life of a network service by the paths of ETSI GS NFV-SOL 005, with curl alone.
#
#   MUSTER_API=http://127.0.0.1:8080 MUSTER_TOKEN=... docs/examples/sol005.sh NAME NSD VNFD...
#
# NSD and VNFD are packages: .tar.gz, or descriptors alone. What is done besides is said by these, if they are set:
#   INSTANTIATE  body of the request, JSON                     SCALE   a VNF of the service, by its name: one level more
#   HEAL         a VNF: new units in the place of its units    ACTION  body of the request, JSON
set -euo pipefail
shopt -s inherit_errexit
: "${MUSTER_API:?address of the API, as \`muster status\` tells it}" "${MUSTER_TOKEN:?a token of \`muster token create\`}"
name=${1:?name of the service} nsd=${2:?package of the NSD}
shift 2
work=$(mktemp -d)
trap ended EXIT

# What does not come to its end leaves nothing of its own behind.
ended() {
  local status=$? path
  trap - EXIT
  set +e
  if [ "$status" != 0 ] && [ -s "$work/made" ]; then
    echo 'removing what was made' >&2
    tac "$work/made" >"$work/remove"
    while read -r path; do
      case $path in */ns_instances/*) (begin "$path/terminate" '{}') >/dev/null 2>&1 ;; esac
      ask DELETE "$path" </dev/null || echo "still there: $path" >&2
    done <"$work/remove"
  fi
  rm -rf "$work"
  exit "$status"
}

# ask METHOD PATH [CURL-OPTION...]: prints the body, and leaves the Location in $work/location; a problem ends the script with its words.
ask() {
  local method=$1 path=$2 status
  shift 2
  status=$(curl --silent --show-error --max-time 60 --request "$method" --header "Authorization: Bearer $MUSTER_TOKEN" \
    --dump-header "$work/headers" --output "$work/body" --write-out '%{http_code}' "$@" "$MUSTER_API$path")
  if [ "$status" -ge 400 ]; then
    echo "$method $path: $status $(cat "$work/body")" >&2
    return 1
  fi
  sed -n 's/^[Ll]ocation: *\([^[:cntrl:]]*\).*/\1/p' "$work/headers" >"$work/location"
  if [ "$status" != 204 ] && [ -s "$work/body" ]; then cat "$work/body"; fi
}

post() { ask POST "$1" --header 'Content-Type: application/json' --data "$2"; }

# A value of the answer: the first of that name; it has to be there.
value() { sed -n "/\"$1\":\"/{s/.*\"$1\":\"\([^\"]*\)\".*/\1/p;q;}" <<<"${2//,/$'\n'}" | grep .; }

# begin PATH BODY: an operation, and waits until it is over.
begin() {
  post "$1" "$2" >/dev/null
  local operation answer state
  operation=$(cat "$work/location")
  for _ in $(seq 1 600); do
    answer=$(ask GET "$operation")
    state=$(value operationState "$answer")
    case $state in
      COMPLETED) echo "$1: $state"; return ;;
      PROCESSING | ROLLING_BACK) sleep 0.2 ;;
      *) echo "$1: $state: $answer" >&2; return 1 ;;
    esac
  done
  echo "$1: it is still $state" >&2
  return 1
}

# onboard COLLECTION CONTENT FILE: prints the path of the package.
onboard() {
  local type=application/yaml path
  case $3 in *.gz | *.tgz) type=application/gzip ;; esac
  post "$1" '{}' >/dev/null
  path=$(cat "$work/location")
  echo "$path" >>"$work/made"
  ask PUT "$path/$2" --header "Content-Type: $type" --header "Content-Filename: $(basename "$3")" --data-binary "@$3" >/dev/null
  echo "$path"
}

packages=()
for vnfd in "$@"; do packages+=("$(onboard /vnfpkgm/v1/vnf_packages package_content "$vnfd")"); done
packages=("$(onboard /nsd/v1/ns_descriptors nsd_content "$nsd")" "${packages[@]}")
echo "onboarded: ${packages[*]}"

created=$(post /nslcm/v1/ns_instances "{\"nsdId\":\"${packages[0]##*/}\",\"nsName\":\"$name\"}")
at=/nslcm/v1/ns_instances/$(value id "$created")
echo "$at" >>"$work/made"
begin "$at/instantiate" "${INSTANTIATE:-{\}}"
if [ -n "${SCALE:-}" ]; then
  begin "$at/scale" "{\"scaleType\":\"SCALE_VNF\",\"scaleVnfData\":[{\"vnfInstanceId\":\"$SCALE\",\"scaleVnfType\":\"SCALE_OUT\"}]}"
fi
if [ -n "${HEAL:-}" ]; then
  begin "$at/heal" "{\"healVnfData\":[{\"vnfInstanceId\":\"$HEAL\",\"cause\":\"asked for\"}]}"
fi
if [ -n "${ACTION:-}" ]; then begin "$at/action" "$ACTION"; fi
begin "$at/terminate" '{}'
ask DELETE "$at"
for package in "${packages[@]}"; do ask DELETE "$package"; done
echo "$name is gone, and its packages with it"
