"""Lists of bookings as a list import: what is still to come at a studio's other system is booked here.

`columns` guesses what a column holds, `lines` reads a row by what the operator said (both pure); `here` finds its
event, ticket and customer, `judging` says what would become of it, `applying` books it as the studio does, `undoing`
takes it back. docs/decisions/0076.
"""
