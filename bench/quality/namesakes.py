"""A directory of invented people, as large as one likes: the same for the same seed.

Given names and family names are drawn apart, each from the lists of one language, so that the common ones of that
language meet, as they do in a large company; some family names are put together from syllables, because most families
bear a rare name. Nobody in particular is meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from quality.letters import Person

SEED = 20261121


class Language(NamedTuple):
    """`weight`: of a thousand people, how many. `rare`: the share of them whose family name is made of syllables.

    `family_first`: whether the family name is written first; `joint`: what stands between the two.
    """

    name: str
    weight: int
    given: tuple[str, ...]
    family: tuple[str, ...]
    rare: float = 0.0
    family_first: bool = False
    joint: str = " "


_ENGLISH = Language(
    "English",
    260,
    tuple(
        "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan "
        "Joseph Jessica Thomas Sarah Charles Karen Christopher Lisa Daniel Nancy Matthew Betty Anthony "
        "Margaret Mark Sandra Donald Ashley Steven Kimberly Paul Emily Andrew Donna Joshua Michelle Kenneth "
        "Carol Kevin Amanda Brian Dorothy George Melissa Edward Deborah Ronald Stephanie Timothy Rebecca "
        "Jason Sharon Jeffrey Laura Ryan Cynthia Jacob Kathleen Gary Amy Nicholas Angela Eric Shirley "
        "Jonathan Anna Stephen Brenda Larry Pamela Justin Emma Scott Nicole Brandon Helen Benjamin Samantha "
        "Samuel Katherine Gregory Christine Frank Debra Alexander Rachel Ian Zoe Nathan Olivia Adam Grace "
        "Peter Chloe Zachary Ruth Kyle Alice Ethan Judith Walter Julia Noah Hannah".split()
    ),
    tuple(
        "Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Thomas Taylor Moore Jackson Martin "
        "Lee Thompson White Harris Clark Lewis Robinson Walker Young Allen King Wright Scott Hill Green Adams "
        "Nelson Baker Hall Campbell Mitchell Carter Roberts Turner Phillips Evans Parker Edwards Collins "
        "Stewart Morris Murphy Cook Rogers Morgan Cooper Peterson Bailey Reed Kelly Howard Cox Ward "
        "Richardson Watson Brooks Wood James Bennett Gray Hughes Price Myers Long Foster Sanders Ross Powell "
        "Sullivan Russell Jenkins Perry Butler Barnes Fisher O'Brien O'Neill McDonald MacLeod Fitzgerald "
        "Smith-Jones Barnes-Webb".split()
    ),
    rare=0.5,
)
_GERMAN = Language(
    "German",
    80,
    tuple(
        "Thomas Andreas Stefan Michael Christian Martin Peter Frank Markus Jürgen Klaus Hans Wolfgang Jörg "
        "Jens Tobias Florian Sebastian Matthias Björn Sabine Petra Susanne Claudia Andrea Birgit Katrin Anja "
        "Ulrike Käthe Jana Heike Karl-Heinz Hans-Peter Anne-Marie Lukas Felix Jonas Lena Lea Sophie Götz".split()
    ),
    tuple(
        "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer "
        "Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt "
        "Werner Krause Meier Lehmann Schmid Schulze Maier Köhler Herrmann König Walter Huber Kaiser Fuchs "
        "Peters Scholz Möller Weiß Jung Groß Voß Günther Roth Vogel Strauß".split()
    ),
    rare=0.5,
)
_ROMANCE = Language(
    "Romance",
    120,
    tuple(
        "María José Antonio Manuel Francisco Juan Carlos Luis Javier Miguel Ángel Pedro Alejandro Sofía Lucía "
        "Carmen Ana Isabel Pilar Jean Pierre Michel André Philippe François Nicolas Céline Élodie Aurélie "
        "Marie Sophie Giuseppe Marco Luca Matteo Giulia Chiara Francesca João Paulo Fernando Rodrigo Thiago "
        "Beatriz Inês".split()
    ),
    tuple(
        "García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez Ruiz Hernández "
        "Díaz Moreno Muñoz Álvarez Romero Alonso Gutiérrez Bernard Dubois Durand Moreau Laurent Simon "
        "Lefebvre Leroy Roux Fournier Girard Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino "
        "Greco Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Almeida".split()
    ),
    rare=0.4,
)
_SLAVIC = Language(
    "Slavic",
    70,
    tuple(
        "Piotr Krzysztof Andrzej Tomasz Paweł Łukasz Michał Marcin Anna Katarzyna Małgorzata Jan Jiří Petr "
        "Pavel Tomáš Lukáš Jana Zdeněk Ivan Dmitry Sergey Alexey Andrey Mikhail Nikolay Vladimir Olga Elena "
        "Natalia Tatiana Yuri Evgeny Oleksandr Bohdan Marko Goran Željko".split()
    ),
    tuple(
        "Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak "
        "Dąbrowski Novák Svoboda Novotný Dvořák Černý Procházka Ivanov Smirnov Kuznetsov Popov Vasiliev "
        "Petrov Sokolov Mikhailov Fedorov Morozov Volkov Shevchenko Kovalenko Bondarenko Horvat Kovačević "
        "Babić Marić".split()
    ),
    rare=0.3,
)
_CYRILLIC = Language(
    "Cyrillic",
    40,
    tuple(
        "Иван Дмитрий Сергей Алексей Андрей Михаил Николай Владимир Евгений Павел Ольга Елена Наталья Татьяна "
        "Анна Мария Юлия Светлана Олег Юрий Георги Димитър Јован Марко Олександр Богдан".split()
    ),
    tuple(
        "Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров Морозов Волков "
        "Алексеев Лебедев Семёнов Егоров Павлов Козлов Степанов Шевченко Коваленко Бондаренко Димитров "
        "Јовановић".split()
    ),
)
_PINYIN = Language(
    "Pinyin",
    140,
    tuple(
        "Wei Fang Min Jing Li Qiang Lei Jun Yang Yong Jie Ming Chao Xia Ping Gang Bo Tao Hui Xin Yan Hao Peng "
        "Fei Yu Ying Xiaoming Xiaoli Jianguo Zhiqiang Haitao Jiahao Zihan Yuxuan Haoran Yifan Chen Dong Kai "
        "Lin Qing Rui Shuai".split()
    ),
    tuple(
        "Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Gao Lin Luo Zheng Liang Xie "
        "Song Tang Xu Deng Han Feng Cao Peng Zeng Xiao Tian Dong Yuan Pan Jiang Cai Yu Du Ye Cheng Su Wei Lu "
        "Ding Ren Shen".split()
    ),
)
_HAN = Language(
    "Han",
    40,
    tuple(
        "伟 芳 娜 秀英 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 秀兰 霞 平 刚 桂英 子涵 浩然 一凡 雨轩 志强".split()
    ),
    tuple("王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 高 林 罗 郑 梁 谢 宋 唐 欧阳 司马".split()),
    family_first=True,
    joint="",
)
_JAPANESE = Language(
    "Japanese",
    40,
    tuple("太郎 花子 翔太 美咲 さくら 大輔 陽子 拓也 由美 直樹 恵子 誠 真由美 Taro Hanako Kenji Naoko Hiroshi".split()),
    tuple(
        "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 Sato Suzuki Takahashi Tanaka Ito".split()
    ),
    family_first=True,
)
_KOREAN = Language(
    "Korean",
    40,
    tuple(
        "민준 서연 지훈 수빈 현우 지민 철수 영희 Minjun Seoyeon Jihoon Soo-bin Hyunwoo Ji-min Young-hee Sung-ho".split()
    ),
    tuple("김 이 박 최 정 강 조 윤 장 임 Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim".split()),
    family_first=True,
)
_INDIAN = Language(
    "Indian",
    110,
    tuple(
        "Rahul Amit Sanjay Rajesh Priya Anita Sunita Deepak Vijay Arun Ravi Suresh Manoj Anil Neha Pooja "
        "Kavita Rohit Vikram Aditya Ananya Kiran Lakshmi Meera Arjun Karthik Ramesh Ganesh Divya Shreya राहुल "
        "प्रिया संजय अनीता".split()
    ),
    tuple(
        "Sharma Verma Gupta Singh Kumar Patel Shah Reddy Rao Nair Iyer Menon Joshi Desai Mehta Kapoor "
        "Malhotra Chopra Banerjee Mukherjee Chatterjee Das Ghosh Bose Pillai Krishnan Subramanian शर्मा वर्मा "
        "गुप्ता सिंह".split()
    ),
    rare=0.1,
)
_SEMITIC = Language(
    "Arabic and Hebrew",
    60,
    tuple(
        "Mohammed Ahmed Ali Omar Hassan Fatima Aisha Khalid Yusuf Layla محمد أحمد علي عمر فاطمة خالد يوسف "
        "ليلى דוד משה יעל נועה Noam Yael Moshe Tamar".split()
    ),
    tuple(
        "Al-Masri Haddad Khoury Mansour Nasser Saleh Hamdan Abdullah الحداد منصور ناصر صالح عبدالله الخوري "
        "כהן לוי מזרחי פרץ Cohen Levi Mizrahi Peretz".split()
    ),
)
LANGUAGES = (*(_ENGLISH, _GERMAN, _ROMANCE, _SLAVIC, _CYRILLIC, _PINYIN, _HAN, _JAPANESE, _KOREAN, _INDIAN, _SEMITIC),)
_HEADS = "Al Bar Ber Bran Cal Car Col Dal Den Dor El Far Fen Gal Gar Hal Har Hol Kel Ken Lam Lar Mal Mar Mel Mor Nor Pel Per Ral Ren Ros Sal Sel Tal Tor Val Var Wal Wen".split()  # noqa: E501 - syllables
_HEARTS = " be da de di do ga gi ka ki la le li lo ma mi mo na ni no ra ri ro sa se si ta te ti to va ve vi".split(" ")
_TAILS = "berg beck by croft dale den feld ford gren ham hart heim holm hurst ley lin low man mar mond more nell ner ney rick ridge sen shaw son stad ström ton vik wald well wick win worth".split()  # noqa: E501 - syllables
MIDDLE = 0.1  # of the people, those who write a middle initial


def namesakes(count: int, seed: int = SEED) -> Iterator[Person]:
    """That many people, each with one address of a domain of examples."""
    random = Random(seed)
    weights = [language.weight for language in LANGUAGES]
    for number in range(count):
        (language,) = random.choices(LANGUAGES, weights)
        yield Person(_name(language, random), (f"person{number}@example.com",))


def rare_name(random: Random) -> str:
    """A name that hardly anybody else has."""
    return f"{_syllables(random)} {_syllables(random)}"


def _syllables(random: Random) -> str:
    return random.choice(_HEADS) + random.choice(_HEARTS) + random.choice(_TAILS)


def _name(language: Language, random: Random) -> str:
    given, family = random.choice(language.given), random.choice(language.family)
    if random.random() < language.rare:
        family = _syllables(random)
    if given.isascii() and random.random() < MIDDLE:
        given += f" {random.choice('ABCDEFGHJKLMNPRSTW')}."
    if given.isascii() != family.isascii() and language.family_first:
        return f"{given} {family}"
    return language.joint.join((family, given) if language.family_first else (given, family))
