"""Opens users' files: only known formats, never changing the input, all faults of a file said at once.

`read_plan` is the way in, `read_waivers` for a file of waivers. They raise ReadError or CrsError, each naming the file, what is wrong and what to do.
"""

from __future__ import annotations

from gis.read.plan import read_plan
from gis.read.project import read_waivers

__all__ = ["read_plan", "read_waivers"]
