"""Run the trial: see `deploy.cluster`."""

import sys

from deploy.cluster.trial import main

if __name__ == "__main__":
    sys.exit(main())
