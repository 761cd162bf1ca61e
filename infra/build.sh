#!/usr/bin/env bash
# Builds every function as CloudFormation takes it, and prints what each weighs zipped.
#   infra/build.sh arm64|x86_64   for AWS, target/lambda/NAME/bootstrap: the release build, by cargo-lambda, against the
#                                 C library of provided.al2023
#                                 with what is in it, as CycloneDX, in target/lambda/NAME.cdx.json
#   infra/build.sh dev            for an emulator on this machine, target/lambda-dev/NAME/bootstrap: the development build
# CARGO_TARGET_DIR moves what cargo leaves behind, and not these folders.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.tools/bin:$PATH"
functions=(functions/*/)
functions=("${functions[@]%/}")
functions=("${functions[@]#functions/}")

case ${1:-} in
  arm64 | x86_64)
    built=target/lambda
    # Where rustup is at hand, cargo-lambda adds the target that is missing.
    cargo lambda build --release "--${1/_/-}" --lambda-dir "$built" "${functions[@]/#/--package=}"
    ;;
  dev)
    built=target/lambda-dev
    # With the tests, so that cargo builds what `make test` built.
    cargo build --workspace --all-targets
    for name in "${functions[@]}"; do
      mkdir -p "$built/$name"
      strip -o "$built/$name/bootstrap" "${CARGO_TARGET_DIR:-target}/debug/$name"
    done
    ;;
  *)
    sed -n '2,7s/^# //p' "$0" >&2
    exit 2
    ;;
esac

# The tool writes beside each Cargo.toml of the workspace; only the functions' are of use.
if [ "$built" = target/lambda ]; then
  cargo cyclonedx --quiet --format json --no-build-deps --override-filename sbom.cdx --target "${1/arm64/aarch64}-unknown-linux-gnu"
  for name in "${functions[@]}"; do
    mv "functions/$name/sbom.cdx.json" "$built/$name.cdx.json"
  done
  find functions infra shared tests -name sbom.cdx.json -delete
fi

for name in "${functions[@]}"; do
  zip=$built/$name.zip
  python3 -m zipfile -c "$zip" "$built/$name/bootstrap"
  printf '%-12s %5s KiB zipped\n' "$name" "$(($(wc -c <"$zip") / 1024))"
done
