"""`python -m colloque` is the `colloque` command."""

import sys

from colloque.cli import main

sys.exit(main())
