"""Ground floor: facts from the bytes of a message. Pure, standard library only; knows no other room."""
