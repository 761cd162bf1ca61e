#!/bin/sh
# rustdoc of the stable toolchain, allowed to write JSON.
RUSTC_BOOTSTRAP=1 exec rustdoc "$@"
