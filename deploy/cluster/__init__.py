"""Many machines on one: the site on two web nodes, two workers and a PostgreSQL with two standbys, and what fails.

Each machine is a network namespace. While visitors book, pay and Stripe calls, one machine after another is killed,
frozen and cut off, and the primary is lost three times. Then what was acknowledged is compared with what is stored.

    sudo .venv/bin/python -m deploy.cluster

docs/operating.md, *Several machines*, says how to read the report. `.ci/run` never runs it.
"""
