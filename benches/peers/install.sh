#!/usr/bin/env bash
# Installs what Muster is measured beside into one folder, outside of the repository and of the system:
#   benches/peers/install.sh [FOLDER]        default: ${XDG_CACHE_HOME:-~/.cache}/muster-peers
# Servers that are on this machine already are used as they are. The others are fetched with apt-get and
# unpacked into the folder, which asks for no root. Libraries come from npm and pip, at the versions of
# package.json and requirements.txt. A second run installs only what is missing.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/muster-peers}
node_version=22.23.3
folder=$(realpath -m "$folder")
case "$folder/" in
    "$(cd "$here/../.." && pwd)"/*)
        echo "$folder lies inside of the repository; name a folder outside" >&2
        exit 2
        ;;
esac
mkdir -p "$folder"

need() {
    command -v "$1" >/dev/null 2>&1 || {
        echo "$1 is missing: $2" >&2
        exit 1
    }
}
need npm "install Node.js"
need python3 "install Python 3.10 or later, with venv"

has_postgres() {
    command -v postgres >/dev/null 2>&1 || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null
}

# Debian's packages, unpacked: what is missing and whatever that needs, by apt's own reckoning.
packages=()
command -v beanstalkd >/dev/null 2>&1 || packages+=(beanstalkd)
command -v redis-server >/dev/null 2>&1 || packages+=(redis-server)
has_postgres || packages+=(postgresql)
if [ ${#packages[@]} -gt 0 ] && [ ! -e "$folder/system/installed-${packages[*]}" ]; then
    need apt-get "install ${packages[*]} yourself, on the PATH"
    need dpkg-deb "install ${packages[*]} yourself, on the PATH"
    mkdir -p "$folder/system" "$folder/archives"
    echo "fetching ${packages[*]}"
    wanted=$(apt-get --print-uris --yes --no-install-recommends install "${packages[@]}" |
        sed -n "s/^'[^']*' \([^_]*\)_.*/\1/p")
    # apt-get drops to a user of its own when root fetches; the folder need not be open to it.
    (cd "$folder/archives" && apt-get -qq -o APT::Sandbox::User=root download $wanted)
    for archive in "$folder"/archives/*.deb; do
        dpkg-deb -x "$archive" "$folder/system"
    done
    rm -r "$folder/archives"
    touch "$folder/system/installed-${packages[*]}"
fi

# graphile-worker and pg-boss ask for Node.js 22; where an older one is installed, npm has a newer one.
node_is_new() {
    "$1" -e 'const [major, minor] = process.versions.node.split(".").map(Number);
             process.exit(major > 22 || (major === 22 && minor >= 18) ? 0 : 1)' 2>/dev/null
}
mkdir -p "$folder/node"
if ! node_is_new node && ! node_is_new "$folder/node/bin/node"; then
    kind=$(node -p '`node-${process.platform}-${process.arch}`')
    echo "fetching Node.js $node_version"
    npm install --silent --no-audit --no-fund --prefix "$folder/node" "$kind@$node_version"
    mkdir -p "$folder/node/bin"
    ln -sf "../node_modules/$kind/bin/node" "$folder/node/bin/node"
fi

cp "$here/package.json" "$folder/package.json"
echo "fetching libraries from npm"
npm install --silent --no-audit --no-fund --no-package-lock --prefix "$folder"
[ -x "$folder/python/bin/python" ] || python3 -m venv "$folder/python"
echo "fetching libraries from PyPI"
"$folder/python/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
echo "installed in $folder"
