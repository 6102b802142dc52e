"""Opens users' files: only known formats, never changing the input, all faults of a file said at once.

`read_plan` is the way in. It raises ReadError or CrsError, each naming the file, what is wrong and what to do.
"""

from __future__ import annotations

from gis.read.plan import read_plan

__all__ = ["read_plan"]
