"""`python -m bookwhen.sandbox.stripe --port N`: the sandbox by hand."""

import argparse
import threading

from bookwhen.sandbox.stripe.panel import HOME
from bookwhen.sandbox.stripe.running import Sandbox


def main() -> None:
    """Run until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m bookwhen.sandbox.stripe", description="A stand-in for Stripe.")
    parser.add_argument("--port", type=int, default=12111, help="where to listen on 127.0.0.1 (0: any free port)")
    with Sandbox.start(parser.parse_args().port) as sandbox:
        print(f"Stripe's API: {sandbox.url}   any key sk_test_... (each is an account of its own)")
        print(f"Panel:        {sandbox.url}{HOME}")
        print("READY", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("Stopping.")


if __name__ == "__main__":
    main()
