"""PostgreSQL: the one Django app. Models and migrations, named SQL, reads, writes, transactions, jobs.

Reads return frozen values. Writes require a transaction that a service opened. Many rows move by one statement.
"""
