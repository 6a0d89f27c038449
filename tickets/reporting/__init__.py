"""What a studio’s weeks came to, in numbers: how full its entries were, who joined and left, uses, and its income.

Read in SQL, through the account and over a bounded time: as many statements for a season as for a day.
"""
