"""`python -m app` is the `weerklank` command."""

import sys

from app.cli import main

sys.exit(main())
