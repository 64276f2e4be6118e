#!/bin/sh
# Build and run the tests of everything written in C: the kit, the connector sqlite, the check duplicates.
#
# Each plugin is loaded with dlopen and driven through its one exported function, once with the address and undefined
# behaviour sanitisers and once as released. Ends with one line: N passed, N failed, N skipped.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$root/.build/test-c}
compiler=${CC:-gcc}
mkdir -p "$out"
cd "$root"

include="-ISDK/include -ISDK/C/include -ISDK/C-tests"
strict="-std=c11 -Wall -Wextra -pedantic -Werror -fPIC $include"
sanitised="-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined"
released="-O2"
link="-shared -Wl,--version-script=SDK/exports.map -Wl,-z,nodelete"
results=$out/results
: >"$results"

passed=0
failed=0

# run NAME PROGRAM ARGUMENT…: the last line of a test program is its count. One that ends badly without having counted a
# failure (it died, or the sanitiser found a leak at the end) is a failure itself.
run() {
  name=$1
  shift
  printf '== %s\n' "$name" >&2
  if "$@" >"$out/last"; then
    tail -n 1 "$out/last" >>"$results"
  elif grep -q ' passed, [1-9][0-9]* failed, ' "$out/last"; then
    tail -n 1 "$out/last" >>"$results"
  else
    echo "FAILED  $name ended badly" >&2
    echo "0 passed, 1 failed, 0 skipped" >>"$results"
  fi
}

for kind in sanitised released; do
  eval "flags=\$$kind"
  # shellcheck disable=SC2086
  {
    $compiler $strict $flags SDK/C/*.c SDK/C-tests/kit_test.c -lm -o "$out/kit-$kind"
    $compiler $strict $flags SDK/C/*.c SDK/C-tests/guard_test.c -lm -o "$out/guard-$kind"
    $compiler $strict $flags $link SDK/C/*.c Plugins/SQLiteConnector/Sources/*.c -lsqlite3 -lm \
      -o "$out/libSluiceConnectorSQLite-$kind.so"
    $compiler $strict $flags SDK/C/*.c Plugins/SQLiteConnector/test/connector_test.c -lsqlite3 -lm -ldl \
      -o "$out/connector-$kind"
    $compiler $strict $flags $link SDK/C/*.c Plugins/DuplicatesCheck/Sources/*.c -lm \
      -o "$out/libSluiceCheckDuplicates-$kind.so"
    $compiler $strict $flags SDK/C/*.c Plugins/DuplicatesCheck/Sources/siphash.c \
      Plugins/DuplicatesCheck/test/check_test.c -lm -ldl -o "$out/check-$kind"
  }
  run "kit, $kind" "$out/kit-$kind"
  run "guards, $kind" "$out/guard-$kind"
  run "connector sqlite, $kind" "$out/connector-$kind" "$out/libSluiceConnectorSQLite-$kind.so"
  run "check duplicates, $kind" "$out/check-$kind" "$out/libSluiceCheckDuplicates-$kind.so"
done

# A plugin exports its entry point and nothing else.
for library in "$out"/lib*-released.so; do
  if [ "$(nm -D --defined-only "$library" | awk '{print $3}')" = sluice_plugin_entry ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED  $(basename "$library") exports more than sluice_plugin_entry" >&2
  fi
done

awk -v passed="$passed" -v failed="$failed" '
  { passed += $1; failed += $3; skipped += $5 }
  END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit failed > 0 }' "$results"
