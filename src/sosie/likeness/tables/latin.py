"""Latin letters with a stroke, hook or tail that is no combining mark, and the plain letters in them.

From the names of the Unicode Character Database 14.0.0: `LETTERS[i]` is a
`PLAIN_LETTERS[i]` WITH something.

© 1991-2026 Unicode, Inc. Unicode and the Unicode Logo are registered trademarks of Unicode, Inc. in the
U.S. and other countries. The data is used under the Unicode License v3, SPDX Unicode-3.0,
https://www.unicode.org/license.txt. Written by generate/likeness_tables.py: not to be changed by hand.
"""

from __future__ import annotations

LETTERS = (
    "\xd8\xf8\u0110\u0111\u0126\u0127\u013f\u0140\u0141\u0142\u0166\u0167\u0180\u0181\u0182\u0183\u0187\u0188"
    "\u018a\u018b\u018c\u0191\u0192\u0193\u0197\u0198\u0199\u019a\u019d\u019e\u019f\u01a4\u01a5\u01ab\u01ac"
    "\u01ad\u01ae\u01b2\u01b3\u01b4\u01b5\u01b6\u01e4\u01e5\u0220\u0221\u0224\u0225\u0234\u0235\u0236\u023a"
    "\u023b\u023c\u023d\u023e\u023f\u0240\u0243\u0246\u0247\u0248\u0249\u024b\u024c\u024d\u024e\u024f\u1e9a"
    "\u1efe\u1eff\u2c60\u2c61\u2c62\u2c63\u2c64\u2c65\u2c66\u2c67\u2c68\u2c69\u2c6a\u2c6b\u2c6c\u2c6e\u2c71"
    "\u2c72\u2c73\u2c74\u2c78\u2c7a\u2c7e\u2c7f\ua740\ua741\ua742\ua743\ua744\ua745\ua748\ua749\ua74a\ua74b"
    "\ua74c\ua74d\ua750\ua751\ua752\ua753\ua754\ua755\ua756\ua757\ua758\ua759\ua75e\ua75f\ua78e\ua790\ua791"
    "\ua792\ua793\ua794\ua795\ua796\ua797\ua798\ua799\ua7a0\ua7a1\ua7a2\ua7a3\ua7a4\ua7a5\ua7a6\ua7a7\ua7a8"
    "\ua7a9\ua7aa\ua7ad\ua7b2\ua7b8\ua7b9\ua7c4\ua7c5\ua7c6\ua7c7\ua7c8\ua7c9\ua7ca"
)

PLAIN_LETTERS = (
    "OoDdHhLlLlTtbBBbCcDDdFfGIKklNnOPptTtTVYyZzGgNdZzlntACcLTszBEeJjqRrYyaYyLlLPRatHhKkZzMvWwveoSZKkKkKkLl"
    "OoOoPpPpPpQqQqVvlNnCcchBbFfGgKkNnRrSsHLJUuCSZDdSs"
)
