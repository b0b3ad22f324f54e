# shellcheck shell=bash
# What packaging/deploy and packaging/restore-club have in common, read by both: one SSH connection,
# a folder of their own on the machine, and root's rights there. Whoever reads it has `$host`, `fail` and `steps`.
# shellcheck disable=SC2154

# One connection for everything.
control=$(mktemp -d)
read -ra options <<<"${NEOPRO_SSH_OPTIONS:-}"
options+=(-o ControlMaster=auto -o "ControlPath=$control/%C" -o ControlPersist=60)
# A machine that is silent, at first or later, is given up; options that the caller gave come first.
options+=(-o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4)
on() { ssh "${options[@]}" -- "$host" "$@"; }
remote=''
tidy() {
    [ -z "$remote" ] || on "rm -rf $remote" </dev/null 2>/dev/null || true
    ssh "${options[@]}" -O exit -- "$host" 2>/dev/null || true
    rm -rf "$control"
}
trap tidy EXIT

# reach NAME: a folder /tmp/NAME.… on the machine with what `steps` prints, and the way to be root there.
password='' sudo=''
reach() {
    remote=$(on "mktemp -d /tmp/$1.XXXXXX" </dev/null) || fail "$host cannot be reached with ssh"
    steps | on "cat >$remote/steps"
    [ "$(on 'id -u' </dev/null)" != 0 ] || return 0
    sudo='sudo -n'
    if ! on 'sudo -n true' </dev/null 2>/dev/null; then
        [ -t 0 ] || fail "sudo on $host asks for a password: run this on a terminal, or connect as root"
        read -rsp "sudo password on $host: " password && echo
        sudo="sudo -S -p ''"
    fi
}

# as_root STEP WORD…: runs a step there.
as_root() {
    local words
    printf -v words ' %q' "$@"
    printf '%s\n' "$password" | on "$sudo bash $remote/steps$words"
}
