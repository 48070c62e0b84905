#!/usr/bin/env bash
# The whole life of a network service by the paths of Open Source MANO's northbound interface, as its own client asks, with curl alone.
#
#   OSM=http://127.0.0.1:8080/osm OSM_USER=NAME OSM_PASSWORD=... docs/examples/osm.sh NAME NSD VNFD...
#
# OSM_USER is the name of a token of `muster token create`, OSM_PASSWORD the token. What is done besides is said by these, if they are set:
#   VIM     name of a site (default: muster, which stands for any)      PARAMS  additionalParamsForVnf, JSON
#   SCALE   member and aspect, `web by-load`: one level more            HEAL    a member: new units in the place of its units
#   ACTION  body of the request, JSON
set -euo pipefail
: "${OSM:?address of the API with /osm behind it}" "${OSM_USER:?name of a token}" "${OSM_PASSWORD:?the token}"
name=${1:?name of the service} nsd=${2:?package of the NSD}
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
token=

# ask METHOD PATH [CURL-OPTION...]: prints the body; a problem ends the script with its words.
ask() {
  local method=$1 path=$2 status
  shift 2
  status=$(curl --silent --show-error --max-time 60 --request "$method" --header "Authorization: Bearer $token" \
    --header 'Accept: application/json' --output "$work/body" --write-out '%{http_code}' "$@" "$OSM$path")
  if [ "$status" -ge 400 ]; then
    echo "$method $path: $status $(cat "$work/body")" >&2
    return 1
  fi
  if [ "$status" != 204 ]; then cat "$work/body"; fi
}

post() { ask POST "$1" --header 'Content-Type: application/yaml' --data "$2"; }

# A value of the answer: the first of that name.
value() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" <<<"$2" | head -n 1; }

# waits OPERATION: until it is over.
waits() {
  local answer state
  for _ in $(seq 1 600); do
    answer=$(ask GET "/nslcm/v1/ns_lcm_op_occs/$1")
    state=$(value operationState "$answer")
    case $state in
      COMPLETED) echo "$(value lcmOperationType "$answer"): $state"; return ;;
      PROCESSING | ROLLING_BACK) sleep 0.2 ;;
      *) echo "$answer" >&2; return 1 ;;
    esac
  done
  echo "it is still $state" >&2
  return 1
}

# onboard PATH FILE: prints its id.
onboard() {
  local type=text/plain
  case $2 in *.gz | *.tgz) type=application/gzip ;; esac
  value id "$(ask POST "$1" --header "Content-Type: $type" --header "Content-Filename: $(basename "$2")" \
    --header "Content-File-MD5: $(md5sum <"$2" | cut -d' ' -f1)" --data-binary "@$2")"
}

token=$(value id "$(post /admin/v1/tokens "{\"username\": \"$OSM_USER\", \"password\": \"$OSM_PASSWORD\", \"project_id\": \"admin\"}")")
vnfds=()
for vnfd in "$@"; do vnfds+=("$(onboard /vnfpkgm/v1/vnf_packages_content "$vnfd")"); done
nsd=$(onboard /nsd/v1/ns_descriptors_content "$nsd")
vim=$(value _id "$(ask GET "/admin/v1/vim_accounts/${VIM:-muster}")")
echo "onboarded: $nsd ${vnfds[*]}"

created=$(post /nslcm/v1/ns_instances_content \
  "{\"nsdId\": \"$nsd\", \"nsName\": \"$name\", \"nsDescription\": \"an example\", \"vimAccountId\": \"$vim\", \"additionalParamsForVnf\": ${PARAMS:-[]}}")
service=$(value id "$created")
waits "$(value nslcmop_id "$created")"
at=/nslcm/v1/ns_instances/$service
# The id of the VNF of a member.
vnf() { value _id "$(ask GET "/nslcm/v1/vnf_instances?nsr-id-ref=$service&member-vnf-index-ref=$1")"; }
if [ -n "${SCALE:-}" ]; then
  read -r member aspect <<<"$SCALE"
  waits "$(value id "$(post "$at/scale" "{\"scaleType\": \"SCALE_VNF\", \"scaleVnfData\": {\"scaleVnfType\": \"SCALE_OUT\", \"scaleByStepData\": {\"member-vnf-index\": \"$member\", \"scaling-group-descriptor\": \"$aspect\"}}}")")"
fi
if [ -n "${HEAL:-}" ]; then
  waits "$(value id "$(post "$at/heal" "{\"healVnfData\": [{\"vnfInstanceId\": \"$(vnf "$HEAL")\", \"cause\": \"asked for\"}]}")")"
fi
if [ -n "${ACTION:-}" ]; then waits "$(value id "$(post "$at/action" "$ACTION")")"; fi
waits "$(value id "$(post "$at/terminate" '{}')")"
ask DELETE "/nslcm/v1/ns_instances_content/$service"
ask DELETE "/nsd/v1/ns_descriptors/$nsd"
for vnfd in "${vnfds[@]}"; do ask DELETE "/vnfpkgm/v1/vnf_packages/$vnfd"; done
echo "$name is gone, and its packages with it"
