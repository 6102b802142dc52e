"""`python -m gis` is the command `gis`."""

from gis.cli import main

if __name__ == "__main__":
    main()
