"""*Export*: lists as files for a spreadsheet, sent at once where they are short, else written by a worker.

`kinds` says what a list is; a module for each kind of list says what is in it; `catalogue` has them all; `sending`
answers a button beside a list, `writing` is what workers do; `views` is the page. docs/decisions/0073.
"""
