"""Benchmarks of the kernels against their public alternatives; see `__main__` for the command, `registry` for how to add one."""
