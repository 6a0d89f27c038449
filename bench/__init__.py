"""The benchmark: `python3 dev.py bench`. What it aims at stands in `bench.targets`."""
