"""What the two Python servers have in common: everything that does no I/O.

It is the same for Twisted and for asyncio, so a difference between the two is
in how they do I/O and in nothing else. It runs on Python 2.7 and on Python 3.
Whatever clients and neighbours say stays bytes: an id need not be UTF-8.
"""
