"""What `python3 dev.py VERB` runs once the environment is there."""

import sys

from bookwhen.sandbox.commands import main

sys.exit(main(sys.argv[1:]))
