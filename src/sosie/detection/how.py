"""The ways in which a name can be understood as a protected one, from the surest to the least."""

EXACT = "exact"  # the same words, whatever their order, case or disguise
JOINED = "joined"  # the same letters, joined or spaced out
TRANSLITERATED = "transliterated"  # another script
WITHOUT_MIDDLE = "without middle name"
SHORT_FORM = "short form"  # of a given name
AMONG_WORDS = "among other words"
ONLY_INITIALS = "initials"
ONE_EDIT = "one edit"
OTHER_SPELLING = "another spelling"  # of one name in Latin letters, where another script is its home
SHORTENED = "shortened"  # to one word and the initials of the others, joined or not
TWO_EDITS = "two edits"
