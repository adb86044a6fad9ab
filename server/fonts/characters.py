"""Prints the characters of a font for receipts, one a line, as pyftsubset wants them.

`characters.py latin` for the small one; for the Chinese one the argument is a folder with
Unihan_OtherMappings.txt.bz2 (Debian: unicode-data).
"""

import bz2
import sys


def double(codec, leads, trails):
    """What a double-byte encoding has in these rows."""
    for lead in leads:
        for trail in trails:
            try:
                text = bytes([lead, trail]).decode(codec)
            except UnicodeDecodeError:
                continue
            if len(text) == 1:
                yield ord(text)


# Latin, Greek, Cyrillic, punctuation, signs of money, letter-like, numbers, arrows, signs, kana, full-width forms.
COMMON = [
    (0x20, 0x7E), (0xA0, 0x24F), (0x370, 0x3FF), (0x400, 0x45F), (0x2010, 0x2060), (0x20A0, 0x20BF),
    (0x2100, 0x22FF), (0x2460, 0x24FF), (0x3000, 0x30FF), (0xFF01, 0xFFEF),
]
# What the Chinese font lacks of Europe, Africa and Vietnam, with accents that stand by themselves.
LATIN = [(0xA0, 0x36F), (0x370, 0x52F), (0x1E00, 0x1FFF), (0x2000, 0x206F), (0x20A0, 0x20CF)]


def spread(ranges):
    """Every number of some ranges."""
    return {point for first, last in ranges for point in range(first, last + 1)}


if sys.argv[1] == "latin":
    for point in sorted(spread(LATIN)):
        print(f"U+{point:04X}")
    sys.exit()
found = spread(COMMON)
# Mainland China: GB 2312, and the table of general standard characters (8,105), which has those of names.
found.update(double("gb2312", range(0xA1, 0xFF), range(0xA1, 0xFF)))
# Taiwan: the first level of Big5.
found.update(double("big5", range(0xA1, 0xC7), [*range(0x40, 0x7F), *range(0xA1, 0xFF)]))
with bz2.open(f"{sys.argv[1]}/Unihan_OtherMappings.txt.bz2", "rt", encoding="utf-8") as lines:
    for line in lines:
        fields = line.split("\t")
        # Japan: the characters of general use.
        if len(fields) > 2 and fields[1] in ("kTGH", "kJoyoKanji"):
            found.add(int(fields[0][2:], 16))
for point in sorted(found):
    print(f"U+{point:04X}")
