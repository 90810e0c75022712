"""Lists of variants that visitors have scored, and what is asked of tables of scored variants."""
