# shellcheck shell=bash
# The jars that are run: each that Maven brings must stand in kafka-jars.sha256 under its name, with its SHA-256.
# A name carries its version, so one list serves all releases. For a new release: scripts/kafka pin --version VERSION,
# and look at what that adds before it is committed.

readonly PINS="$ROOT/scripts/lib/kafka-jars.sha256"

_sha256_of_jars() {
  (
    cd "$1" || exit 1
    if command -v sha256sum >/dev/null 2>&1; then sha256sum -- *.jar; else shasum -a 256 -- *.jar; fi
  )
}

# verify_jars FOLDER: ends everything unless all its jars are pinned, or lists them where that is what was asked for.
verify_jars() {
  local found other="" new="" line
  found="$(_sha256_of_jars "$1")" || die "the jars in $1 cannot be read"
  while IFS= read -r line; do
    if _is_listed "${line##* }"; then
      other="$other ${line##* }"
    else
      new="$new ${line##* }"
    fi
  done < <(grep -v -x -F -f "$PINS" <<<"$found")
  [ -z "$other" ] || die "the content of these jars is not the one that is pinned in ${PINS#"$ROOT/"}:" "$other" \
    "nothing of them was run; see whether the repository that Maven uses can be trusted"
  [ -z "$new" ] || [ -n "$PINNING" ] || die "these jars are not pinned in ${PINS#"$ROOT/"}:" "$new" \
    "nothing of them was run; for a new release, scripts/kafka pin --version $KAFKA_VERSION lists them"
  [ -z "$new" ] || _list_jars "$found"
}

_is_listed() {
  awk -v name="$1" '$2 == name { found = 1 } END { exit !found }' "$PINS"
}

_list_jars() {
  local listed
  listed="$(printf '%s\n' "$1" | cat - "$PINS" | LC_ALL=C sort -k 2 -u)"
  printf '%s\n' "$listed" >"$PINS"
}

# `pin`: fetches a release and lists its jars.
verb_pin() {
  [ -n "$GIVEN_VERSION" ] || die "pin needs --version VERSION or --tiered-storage"
  [ -z "${KAFKA_HOME:-}" ] || die "KAFKA_HOME is set, and what is there is not fetched; unset it to list a release"
  require_java
  resolve_kafka "$GIVEN_VERSION"
  verify_jars "$VERSION_DIR/libs"
  [ ! -d "$VERSION_DIR/tools" ] || verify_jars "$VERSION_DIR/tools"
  say "the jars of Kafka $GIVEN_VERSION are listed in ${PINS#"$ROOT/"}"
}
