# Stands beside one private server and outlives the process that owns it.
#
# Promise: when the owner ends, by whatever cause, the server ends and the folders to discard are gone; a server that an
# earlier owner left behind is ended before "ready" is said.
# Arguments: the signal that asks the server to stop, the file with its process id, a text that its command line must
# contain (so that a stranger who inherited the number is left in peace), then the folders to discard.
# Orders on standard input: "stop". Its end means that the owner is gone: no other process holds the other end.
signal=$1 pid_file=$2 mark=$3
shift 3
# Ctrl-C reaches everybody at the terminal; the guard leaves only after its owner.
trap '' INT TERM HUP QUIT

command_of() {
  { tr '\0' ' ' <"/proc/$1/cmdline" || ps -ww -o args= -p "$1"; } 2>/dev/null
}

# A process that has ended but was not yet waited for has an empty command line, and rightly counts as gone.
is_server() {
  case "$(command_of "$1")" in
    *"$mark"*) true ;;
    *) false ;;
  esac
}

end_server() {
  pid=$(cat "$pid_file" 2>/dev/null) || return 0
  tries=0
  while [ -n "$pid" ] && is_server "$pid"; do
    case $tries in
      0) kill -s "$signal" "$pid" ;;
      # Twenty seconds are enough for any orderly end.
      400) kill -s KILL "$pid" ;;
      600) echo "cannot end process $pid" >&2; break ;;
    esac
    tries=$((tries + 1))
    sleep 0.05
  done
  rm -f "$pid_file"
}

end_server
echo ready
while read -r order; do
  case $order in
    stop) end_server; echo stopped ;;
  esac
done
end_server
for folder in "$@"; do rm -rf -- "$folder"; done
