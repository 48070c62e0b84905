/** Segments of a unit's log: two are kept, the current one and the one before. */
export const LOG_SEGMENT_BYTES = 131_072;

/**
 * Joins the unit's control groups, gives up root for the unit's user, and goes on in namespaces of its own: user, mount, process, network,
 * host name, IPC. The user is root in there and nobody outside. Arguments: user, files of control groups, `--`, the rest of the command.
 */
export const ENTER = `
set -eu
user=$1; shift
while [ "$1" != -- ]; do echo $$ >"$1"; shift; done
shift
exec setpriv --reuid "$user" --regid "$user" --clear-groups -- \\
  unshare --user --map-root-user --mount --uts --ipc --net --pid --fork --kill-child --mount-proc --propagation private -- "$@"
`;

/**
 * The first process of a unit: waits until it is told that the network is there, prepares the machine that the program sees, starts it,
 * passes SIGTERM on to it, and writes down how it ended. Everything that is said goes to a log of two segments.
 * In the unit's directory it finds: \`sysctl\` (path and value a line), \`network\` (for ip -batch), \`mounts\` (file and target a line),
 * \`hostname\`, \`notices\`, \`run/\` (commands before the program, in order of their names). Arguments: capabilities, command.
 */
export const INIT = `
set -eu
umask 077
ulimit -c 0
capabilities=$1; shift
echo ready
read -r word || exit 97
[ "$word" = go ] || exit 97
mkfifo output
split -b ${LOG_SEGMENT_BYTES} --filter='mv -f log log.1 2>/dev/null; cat >log' - part <output &
keeper=$!
exec >output 2>&1 </dev/null
finish() {
  echo "$1" >ended
  exec >/dev/null 2>&1
  timeout 1 tail --pid="$keeper" -s 0.02 -f /dev/null || :
  exit "$1"
}
fail() {
  echo "muster: $1"
  echo "$1" >reason
  finish 98
}
less() { setpriv --no-new-privs --inh-caps=-all --ambient-caps=-all --bounding-set="$capabilities" -- "$@"; }
main=
trap '[ -z "$main" ] || kill -TERM "$main" 2>/dev/null || :' TERM
cat notices
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs /sys || fail 'its /sys could not be mounted'
mount -t tmpfs -o size=64m,mode=1777 tmpfs /tmp || fail 'its /tmp could not be mounted'
hostname "$(cat hostname)" || fail 'its host name could not be set'
while read -r key value; do
  [ ! -e "$key" ] || echo "$value" >"$key" || fail "$key could not be set"
done <sysctl
ip -batch network || fail 'its network could not be set up'
while read -r file target; do
  mount --bind "$file" "$target" || fail "cloud-init: $target could not be put in place: only files that there are, and what is below /root, /home, /srv, /mnt and /tmp"
done <mounts
[ ! -d tmp ] || cp -R tmp/. /tmp/
for each in run/*; do
  [ -e "$each" ] || continue
  less sh "$each" || fail "cloud-init: command \${each#run/} ended with $?"
done
# Not by the function above: a shell would stand between this one and the program.
setpriv --no-new-privs --inh-caps=-all --ambient-caps=-all --bounding-set="$capabilities" -- "$@" &
main=$!
echo "$main" >started
while :; do
  code=0
  wait "$main" || code=$?
  kill -0 "$main" 2>/dev/null || break
done
finish "$code"
`;
