"""Tables as studios bring them: text of any dialect and workbooks, read row by row into plain text. Pure.

`reading` opens a file and finds its heading; `texts` reads CSV, `workbooks` XLSX; `headings` finds the row that names
the columns; `cells` reads single values: dates, numbers to ring, addresses.
"""
