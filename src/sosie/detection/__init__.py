"""The judgement: does a message claim to be somebody it is not from? Pure; knows no SQL, HTTP, milter or clock."""
