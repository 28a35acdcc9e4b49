"""National numbers and what registers said are stored encrypted, and found by a keyed hash.

keyring   the keys in use: which one writes, which ones still read; the file they come from, or another source
values    one value bound to its row, and the hash it is looked up by
numbers   national numbers inside texts and answers: a token takes each one's place in the database
fields    columns that do this by themselves
hiding    texts that were stored before their column hid numbers: for migrations
rewriting rows brought under the key that writes, in batches that can be begun again

AES-256-GCM and HMAC-SHA-256 of the library `cryptography`; which keys and why: docs/decisions/0006-keys.md.
"""
