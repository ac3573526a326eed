"""Writes src/sosie/likeness/tables/nicknames.py from the package nicknames and from the table below.

    python generate/nickname_table.py

Run it again when the table or the package changes, and when `person_name.fold` folds otherwise.
"""  # noqa: INP001 - a program, not a package

from __future__ import annotations

import csv
from collections import defaultdict
from importlib import metadata, resources
from pathlib import Path

from sosie.likeness.person_name import fold

TABLE = Path(__file__).parents[1] / "src/sosie/likeness/tables/nicknames.py"
WIDTH = 108  # characters of a line of data
MAX_FORMS = 40  # of one word; past this it is too common a short form to say whose it is
FEW_NAMES = 3  # a short form of at most so many names also stands for their other short forms

DOCSTRING = '''"""Given names with the others that may stand for the same person: Bob is Robert, Sasha is Alexander.

`ROWS` are divided by commas: a word, and behind it, divided by blanks, the words that may be meant by it; all of them
folded as `person_name.fold` folds them.

English ones are those of the dataset `nicknames` {version} (Carlton Northern and Nick Crews, SPDX Apache-2.0,
https://github.com/carltonnorthern/nicknames); those of other languages are sosie's own. Written by
generate/nickname_table.py: not to be changed by hand.
"""

from __future__ import annotations

'''

# A name, and its short and pet forms; other languages than English.
OTHERS = """
alexander sascha sasha sanya shura alex alexandr aleksandr aleksander aleksey
alexandre alex sacha
borislav boris bobby
javier javi xavi
sebastiaan bas
alexandra sascha sasha alexa sandra ola
alexei alexey lyosha alyosha lesha
anastasia nastya stasia
anna anya anja annette ania nyura asya
andrei andrey andriy andrej andre andreas andrew
anton antoni antonio toni tony tonio
benedikt beni bene
bernhard berni bernd
boris borya
christian chris christo
christoph christopher christophe kris stoffel
daniel danila dani danilo danya dan
daria darya dasha
dieter didi
dmitry dmitri dima dimitri dmitriy mitya
dorothea doro thea
ekaterina katya katja katerina katia catherine
elena lena lenka helena alyona
elisabeth lisa liesl elsa betti sissi elise lisbeth
evgeny evgeniy yevgeny eugene zhenya
francesco franco ceco checco
francisco paco pancho curro fran
franziska franzi
friedrich fritz fred fiete
gabriel gabi gabe
galina galya
georg jorg schorsch jurgen george
georgy yegor gosha george
giovanni gianni gio nanni vanni
giuseppe beppe peppe pino
gregor grischa grigory grisha
guillermo memo guille
hans johannes johann hannes jan johan
heinrich heiner heinz henry hendrik henrik
igor gosha
ignacio nacho
irina ira
isabel isa bela chabela
ivan vanya ivo
jakob jacob jakub kuba
jan janek johnny
jaroslav jarda
jesus chucho chuy
jirka jiri
joachim jochen achim
jose pepe jose
josef sepp jupp pepi joseph
juan juanito
karl kalle charles carl
katarzyna kasia
konstantin kostya kosta
krzysztof krzysiek
lorenzo enzo renzo
ludwig lutz luggi
luis lucho
lukas lukasz luke
malgorzata gosia
manuel manolo manu
margarethe grete gretel gretchen greta margarete
maria mascha masha mia marie mariechen maja
marina marinka
matthias matthieu matze mats matt matthew mattias
maxim max maks
michael michi michel mick mischa micha mike michal
mikhail misha mischa michael
miguel migue michael
nadezhda nadya
natalia natasha nata natalya
nicolas nico nicolai klaus niklas nikolaus claus
nikita nikitka
nikolai kolya nikolay niko nicholas
oksana ksenia xenia ksyusha
olga olya
pavel pasha pavlik paul
pedro perico
petr petya pyotr peter piotr
philippe philipp phil
piotr piotrek
rafael rafa rafal
roberto beto rob
rudolf rudi ralf
sebastian basti bastian seb wastl
sergei sergey seryozha serge sergio serhii
stanislav stas stanislaw
stefan steff stephan steffen stefano steven stephen
svetlana sveta lana
tatiana tanya tania
thomas tom tommy tomas tomasz
tomasz tomek
ulrich uli ulli
valentina valya
vasily vasya vasili basil
viktor vitya vitek victor
viktoria vika
vladimir vova volodya vlad wladimir
vladislav vlad slava
vyacheslav slava
wilhelm willi willy helm william
wojciech wojtek
wolfgang wolf wolfi
yuri yura yuriy jurij jurii
yulia julia yulya
zdenek zdenda
mohammed muhammad mohamed mohammad muhammed mo hamada
abdullah abdallah abdul
hussein husain hussain hossein
yusuf yousef yousuf youssef joseph
ahmed ahmad
ibrahim abraham ebrahim
omar umar
"""


def pairs() -> list[tuple[str, str]]:
    """Each name with each of its short forms."""
    text = resources.files("nicknames").joinpath("names.csv").read_text(encoding="utf-8")
    found = [(row["name1"], row["name2"]) for row in csv.DictReader(text.splitlines())]
    for line in OTHERS.split("\n"):
        first, *others = line.split() or [""]
        found += [(first, other) for other in others]
    return found


def forms_of_words() -> dict[str, frozenset[str]]:
    """Each word with all others that may stand for the same name."""
    shorts: dict[str, set[str]] = defaultdict(set)
    fulls: dict[str, set[str]] = defaultdict(set)
    for full, short in pairs():
        one, other = fold(full), fold(short)
        shorts[one].add(other)
        fulls[other].add(one)
    forms_of: dict[str, frozenset[str]] = {}
    for word in {*shorts, *fulls}:
        forms = shorts[word] | fulls[word]
        if len(fulls[word]) <= FEW_NAMES:
            forms = forms.union(*(shorts[full] for full in fulls[word]))
        if 0 < len(forms - {word}) <= MAX_FORMS:
            forms_of[word] = frozenset(forms - {word})
    return forms_of


def document() -> str:
    """The whole file."""
    rows = ",".join(" ".join((word, *sorted(forms))) for word, forms in sorted(forms_of_words().items()))
    lines, line = [], ""
    for piece in rows.split(" "):
        if line and len(line) + len(piece) > WIDTH:
            lines.append(line)
            line = ""
        line += f"{piece} "
    lines.append(line.rstrip())
    data = "".join(f'    "{one}"\n' for one in lines)
    return DOCSTRING.format(version=metadata.version("nicknames")) + f"ROWS = (\n{data})\n"


if __name__ == "__main__":
    TABLE.write_text(document(), encoding="utf-8")
