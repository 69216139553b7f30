//! One worker's keeper: spawn, process tree, output, limits, lease, exit.
