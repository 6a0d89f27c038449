"""`python -m bookwhen.sandbox.stripe --port N --state FILE`: the sandbox as a process of its own."""

import argparse
import logging
import os
import signal
import threading
from pathlib import Path

from bookwhen.sandbox.stripe.panel_page import HOME
from bookwhen.sandbox.stripe.running import Sandbox


def main() -> None:
    """Run until Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m bookwhen.sandbox.stripe", description="A stand-in for Stripe.")
    parser.add_argument("--port", type=int, default=12111, help="where to listen on 127.0.0.1 (0: any free port)")
    parser.add_argument("--state", type=Path, help="the file that keeps what it holds over a restart (default: none)")
    options = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    if options.state:
        # By which the next start of a demo knows one that was left behind.
        options.state.with_suffix(".pid").write_text(str(os.getpid()))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Sandbox.start(options.port, options.state) as sandbox:
        sandbox.platform.pays_out = True
        print(f"Stripe's API: {sandbox.url}   any key sk_test_... (each is an account of its own)")
        print(f"Panel:        {sandbox.url}{HOME}")
        print("READY", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("Stopping.")


if __name__ == "__main__":
    main()
