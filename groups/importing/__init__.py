"""Lists of people as a list import: from a studio's other system, or a spreadsheet of its own.

`columns` guesses what a column holds, `people` reads a row by what the operator said (both pure); `reading` keeps a
file's rows, `judging` says what would become of each, `applying` and `undoing` do it and take it back.
docs/decisions/0065.
"""
