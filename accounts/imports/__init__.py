"""Lists that an account takes in: one machinery for all of them, on top of long jobs (`accounts.operations`).

A list is read into rows, and each row judged, before anything is written; the operator looks through what would
become of it and confirms; then it is applied in batches, and can be undone as a whole where what it wrote still stands.
Where a list comes from registers as a source (`sources`); `phases` has the work, `services` what people decide, and
`retention` forgets what is personal. docs/design.md, *Imports*; docs/decisions/0039.
"""
