"""The history: what was done in the dashboard, by whom. docs/decisions/0055.

`acting` knows who acts; services tell what they did to `recording`, in their own transaction; `reading` is for pages,
and `forgetting` for what is old or must go.
"""
