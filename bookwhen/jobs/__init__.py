"""Sweeps and nightly jobs: one way of running them, so that none ends at one bad row, and none is forgotten.

`run` does the work, row by row, and sets aside what fails; `schedule` makes a task a job, and says when it is due;
`beat` calls a worker every minute, which starts what is due. docs/decisions/0026.
"""
