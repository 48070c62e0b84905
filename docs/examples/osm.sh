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
shopt -s inherit_errexit
: "${OSM:?address of the API with /osm behind it}" "${OSM_USER:?name of a token}" "${OSM_PASSWORD:?the token}"
name=${1:?name of the service} nsd=${2:?package of the NSD}
shift 2
work=$(mktemp -d)
trap ended EXIT
token=

# What does not come to its end leaves nothing of its own behind.
ended() {
  local status=$? path
  trap - EXIT
  set +e
  if [ "$status" != 0 ] && [ -s "$work/made" ]; then
    echo 'removing what was made' >&2
    tac "$work/made" >"$work/remove"
    while read -r path; do
      case $path in */ns_instances_content/*) (terminated "$path") >/dev/null 2>&1 ;; esac
      ask DELETE "$path" </dev/null || echo "still there: $path" >&2
    done <"$work/remove"
  fi
  rm -rf "$work"
  exit "$status"
}

# terminated PATH: ends what runs of a service.
terminated() { operates "/nslcm/v1/ns_instances/${1##*/}/terminate" '{}'; }

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

# A value of the answer: the first of that name; it has to be there.
value() { sed -n "/\"$1\": *\"/{s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p;q;}" <<<"$2" | grep .; }

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

# operates PATH BODY: an operation, until it is over.
operates() {
  local answer
  answer=$(post "$1" "$2")
  waits "$(value id "$answer")"
}

# onboard PATH FILE AT: prints its id; AT is where it can be deleted.
onboard() {
  local type=text/plain answer id
  case $2 in *.gz | *.tgz) type=application/gzip ;; esac
  answer=$(ask POST "$1" --header "Content-Type: $type" --header "Content-Filename: $(basename "$2")" \
    --header "Content-File-MD5: $(md5sum <"$2" | cut -d' ' -f1)" --data-binary "@$2")
  id=$(value id "$answer")
  echo "$3/$id" >>"$work/made"
  echo "$id"
}

answer=$(post /admin/v1/tokens "{\"username\": \"$OSM_USER\", \"password\": \"$OSM_PASSWORD\", \"project_id\": \"admin\"}")
token=$(value id "$answer")
vnfds=()
for vnfd in "$@"; do vnfds+=("$(onboard /vnfpkgm/v1/vnf_packages_content "$vnfd" /vnfpkgm/v1/vnf_packages)"); done
nsd=$(onboard /nsd/v1/ns_descriptors_content "$nsd" /nsd/v1/ns_descriptors)
answer=$(ask GET "/admin/v1/vim_accounts/${VIM:-muster}")
vim=$(value _id "$answer")
echo "onboarded: $nsd ${vnfds[*]}"

created=$(post /nslcm/v1/ns_instances_content \
  "{\"nsdId\": \"$nsd\", \"nsName\": \"$name\", \"nsDescription\": \"an example\", \"vimAccountId\": \"$vim\", \"additionalParamsForVnf\": ${PARAMS:-[]}}")
service=$(value id "$created")
echo "/nslcm/v1/ns_instances_content/$service" >>"$work/made"
waits "$(value nslcmop_id "$created")"
at=/nslcm/v1/ns_instances/$service
# The id of the VNF of a member.
vnf() {
  local answer
  answer=$(ask GET "/nslcm/v1/vnf_instances?nsr-id-ref=$service&member-vnf-index-ref=$1")
  value _id "$answer"
}
if [ -n "${SCALE:-}" ]; then
  read -r member aspect <<<"$SCALE"
  operates "$at/scale" "{\"scaleType\": \"SCALE_VNF\", \"scaleVnfData\": {\"scaleVnfType\": \"SCALE_OUT\", \"scaleByStepData\": {\"member-vnf-index\": \"$member\", \"scaling-group-descriptor\": \"$aspect\"}}}"
fi
if [ -n "${HEAL:-}" ]; then
  healed=$(vnf "$HEAL")
  operates "$at/heal" "{\"healVnfData\": [{\"vnfInstanceId\": \"$healed\", \"cause\": \"asked for\"}]}"
fi
if [ -n "${ACTION:-}" ]; then operates "$at/action" "$ACTION"; fi
operates "$at/terminate" '{}'
ask DELETE "/nslcm/v1/ns_instances_content/$service"
ask DELETE "/nsd/v1/ns_descriptors/$nsd"
for vnfd in "${vnfds[@]}"; do ask DELETE "/vnfpkgm/v1/vnf_packages/$vnfd"; done
echo "$name is gone, and its packages with it"
