# What the scripts share. Sourced by bash from the clone's root; speaks on standard error, so that results stay clean.

say() { printf '%s\n' "graborder: $*" >&2; }
fail() { say "$*"; exit 1; }

# Tools that are no part of the clone (Python environments) live here; a cache may serve several clones.
tool_dir() { printf '%s' "${GRABORDER_CACHE:-$PWD/.data}"; }

# Installs system packages. Asks first on a terminal; without one it says what it does and does it.
install_packages() {
  local why=$1 command
  shift
  if command -v apt-get >/dev/null; then
    command="apt-get install -y --no-install-recommends $*"
  elif command -v dnf >/dev/null; then
    command="dnf install -y $*"
  elif command -v brew >/dev/null; then
    command="brew install $*"
  else
    fail "$why: no apt-get, dnf or brew here; install by hand: $*"
  fi
  if [ -t 0 ] && [ -t 2 ]; then
    local answer
    printf 'graborder: %s. Run "%s"? [y/N] ' "$why" "$command" >&2
    read -r answer
    case $answer in y | Y | yes) ;; *) fail "not installed: $*" ;; esac
  else
    say "$why, so this runs: $command"
  fi
  local as_root=()
  if [ "$(id -u)" != 0 ] && ! command -v brew >/dev/null; then
    command -v sudo >/dev/null || fail "that needs root, and there is no sudo here"
    as_root=(sudo)
    if [ ! -t 0 ]; then as_root=(sudo -n); fi
  fi
  if command -v apt-get >/dev/null; then
    ${as_root[@]+"${as_root[@]}"} apt-get update -qq >&2
    ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive $command -qq >&2
  else
    ${as_root[@]+"${as_root[@]}"} $command >&2
  fi
}

# The newest Python of at least 3.11, if there is one.
find_python() {
  local name
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$name" >/dev/null &&
      "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return 0
    fi
  done
  return 1
}

# Installs hash-pinned wheels into folder $1 from requirements $2, once for each content of the requirements.
# Everything happens in a folder of its own that takes the name at the end: neither a second run nor an interrupted one
# ever sees half an installation.
install_wheels() {
  local folder=$1 requirements=$2 python fresh pip
  if is_installed "$folder" "$requirements"; then return 0; fi
  python=$(find_python) || return 1
  mkdir -p "$(dirname "$folder")"
  fresh=$(mktemp -d "$folder.XXXXXX")
  chmod 755 "$fresh"
  pip=("$python" -m pip)
  if ! "${pip[@]}" --version >/dev/null 2>&1; then
    # Some systems ship pip only inside virtual environments.
    if ! "$python" -m venv "$fresh/pip" >/dev/null 2>&1; then
      rm -rf "$fresh"
      return 1
    fi
    pip=("$fresh/pip/bin/python" -m pip)
  fi
  if ! "${pip[@]}" install --quiet --disable-pip-version-check --root-user-action ignore --no-input --no-deps \
    --only-binary :all: --require-hashes --target "$fresh/wheels" --requirement "$requirements" >&2; then
    rm -rf "$fresh"
    return 1
  fi
  cp "$requirements" "$fresh/wheels/installed"
  if ! is_installed "$folder" "$requirements"; then
    rm -rf "$folder"
    # A plain rename: `mv` would move into a folder that somebody else has put there meanwhile.
    "$python" -c 'import os, sys; os.rename(sys.argv[1], sys.argv[2])' "$fresh/wheels" "$folder" 2>/dev/null || true
  fi
  rm -rf "$fresh"
  is_installed "$folder" "$requirements"
}

is_installed() { [ -f "$1/installed" ] && cmp -s "$1/installed" "$2"; }

# Installs the npm packages of the present folder once for each content of its lock file.
install_npm_packages() {
  if cmp -s package-lock.json node_modules/.installed-from; then return 0; fi
  say "installing the npm packages of $(basename "$PWD")"
  npm ci --no-audit --no-fund --loglevel=error >&2 || return 1
  mkdir -p node_modules
  cp package-lock.json node_modules/.installed-from
}
