"""The commands of `gis`, one file for each kind of work. No calculation: each calls what a notebook would call."""
