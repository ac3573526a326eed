"""Short and pet forms of given names: Bob is Robert, Sasha is Alexander.

English ones are those of the dataset `nicknames` (Apache-2.0, Carlton Northern and Nick Crews); the table here adds
some of other languages. Words are folded as `person_name` folds them.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import cache
from importlib import resources

from sosie.likeness.person_name import fold

MAX_FORMS = 40  # of one word; past this it is too common a short form to say whose it is
FEW_NAMES = 3  # a short form of at most so many names also stands for their other short forms

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


@cache
def _table() -> dict[str, frozenset[str]]:
    """Each word with all others that may stand for the same name."""
    shorts: dict[str, set[str]] = defaultdict(set)
    fulls: dict[str, set[str]] = defaultdict(set)
    text = resources.files("nicknames").joinpath("names.csv").read_text(encoding="utf-8")
    pairs = [(row["name1"], row["name2"]) for row in csv.DictReader(text.splitlines())]
    for line in OTHERS.split("\n"):
        first, *others = line.split() or [""]
        pairs += [(first, other) for other in others]
    for full, short in pairs:
        one, other = fold(full), fold(short)
        shorts[one].add(other)
        fulls[other].add(one)
    forms_of: dict[str, frozenset[str]] = {}
    for word in {*shorts, *fulls}:
        forms = shorts[word] | fulls[word]
        if len(fulls[word]) <= FEW_NAMES:
            forms = forms.union(*(shorts[full] for full in fulls[word]))
        if len(forms - {word}) <= MAX_FORMS:
            forms_of[word] = frozenset(forms - {word})
    return forms_of


def other_forms(word: str) -> frozenset[str]:
    """The folded words that may stand for the same given name as this folded word; empty for most words."""
    return _table().get(word, frozenset())
