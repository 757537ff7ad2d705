# What scripts/test and scripts/demo share: messages, and the tools that the project needs. Sourced, not run.

# The Debian packages that a build needs: the libraries behind COpenSSL, CPCRE2 and GRDB, and how SwiftPM finds them.
BUILD_PACKAGES=(ca-certificates git pkg-config libssl-dev libpcre2-dev libsqlite3-dev)

# Lowest Swift release that the package builds with.
MINIMUM_SWIFT=6.3

# say TEXT: one line about what is being done, with the minutes and seconds since the script began.
say() { printf '[%02d:%02d] %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$*"; }

# fail TEXT: say what is wrong and end.
fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# require_packages NAME...: install the Debian packages that are missing, or name them if this user cannot.
require_packages() {
    if ! command -v dpkg-query >/dev/null; then
        say "not a Debian system; taking for granted what these packages hold: $*"
        return
    fi
    local missing=() name
    for name in "$@"; do
        dpkg-query --show --showformat='${db:Status-Status}' "$name" 2>/dev/null | grep -qx installed || missing+=("$name")
    done
    [ ${#missing[@]} -eq 0 ] && return
    if [ "$(id -u)" -ne 0 ]; then
        fail "these Debian packages are missing: ${missing[*]}
Install them as root, then run this again:
    apt-get install ${missing[*]}"
    fi
    say "installing Debian packages: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update </dev/null || fail "apt-get update failed"
    apt-get -qq -y --no-install-recommends install "${missing[@]}" </dev/null >/dev/null ||
        fail "apt-get could not install: ${missing[*]}"
}

# require_swift: a Swift toolchain of at least MINIMUM_SWIFT in the PATH.
require_swift() {
    command -v swift >/dev/null ||
        fail "no swift in the PATH; install Swift $MINIMUM_SWIFT or newer from https://www.swift.org/install/linux/"
    local version
    version=$(swift --version 2>/dev/null </dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
    [ -n "$version" ] || fail "cannot tell the version of $(command -v swift)"
    [ "$(printf '%s\n' "$MINIMUM_SWIFT" "$version" | sort --version-sort | head -n 1)" = "$MINIMUM_SWIFT" ] ||
        fail "Swift $version is too old; this needs $MINIMUM_SWIFT or newer"
    say "Swift $version"
}
