#!/bin/sh
# The runtime, ended by the kernel with the process that started it, however that ends: a test run that is killed leaves
# nothing behind. Named to Miniflare by MINIFLARE_WORKERD_PATH.
exec setpriv --pdeathsig KILL -- "$PORTOLAN_WORKERD" "$@"
