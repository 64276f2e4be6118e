#!/usr/bin/env python3
"""Write golden.json: what the real `tokenizers` library and numpy make of some texts.

    make-golden.py --weights l2_supercat_256.safetensors --tokenizer l2_supercat_tokenizer_config.json

Needs `pip install tokenizers numpy`. Run it again only to add texts; the file is committed.
"""

import argparse
import json
import os
import random
import struct
import zlib

import numpy
from tokenizers import Tokenizer

HEADERS = """id name first_name lastName givenNameLabel fname DOB date_of_birth zip postal_code ZipCode phone telNo
email e-mail address line2 amt amount_usd customer.id order_id qty unitPrice SKU VAT% IBAN country_code lat/long
created_at UPDATED_AT is_active URLPath HTTPServerID film_actor payment_id rental_rate last_update x y1 Column1
col_17 ÄnderungsDatum prénom straße naïve_bayes größe año ciudad città 名前 住所 電話番号 имя фамилия адрес الاسم שם
ชื่อ नाम 이름 주소 số_điện_thoại""".split()

SENTENCES = [
    "", " ", "  ", "   ", "\t", "\n", "\r\n", "\u00a0", "a", " a", "a ", " a ", "a  b", "a   b    c",
    "first name", "The quick brown fox jumps over the lazy dog.", "Grüße aus Köln!", "¿Qué tal?",
    "Владимир Ильич", "東京都渋谷区", "서울특별시 강남구", "مرحبا بالعالم", "שלום עולם", "สวัสดีชาวโลก", "नमस्ते दुनिया",
    "👍", "👍🏽", "👨‍👩‍👧‍👦", "🇩🇪 flag", "emoji 😀 in the middle", "🦀🦀🦀", "é", "e\u0301", "ﬁne", "Å", "\u212b",
    "\u0000", "a\u0000b", "\u007f", "\ufeffbom", "\u200b", "\u2581", "\u2581\u2581", "a\u2581b", "\u2581 \u2581", "\U0010ffff",
    "<s>", "</s>", "<unk>", "<s>a", "a<s>", "a <s> b", "<s></s>", "<<s>>", "<s", "<unk", "< s>", "<S>", "x</s>y<unk>z",
    "<0x41>", "<0x0A>", "<EMAIL_1>", "[PERSON]", "user@example.com", "https://example.com/a?b=c&d=%20#e",
    "192.168.0.1", "2001:db8::1", "2024-02-29T23:59:59Z", "31/12/1999", "3.14159", "-1,234.56", "1e-9", "0x1F",
    "DE89 3704 0044 0532 0130 00", "4111 1111 1111 1111", "+49 (0)30 901820", "AAAAAAAAAAAAAAAA", "aaaaaaaaaaaaaaaaaaaaaaaaa",
    "abababababababab", "the the the the", "tttttttttttthhhhhhhhheeeeee", "----------", "==========", "........", "((((((",
    "if (x == 1) { return; }", "SELECT * FROM t WHERE a = 'b';", "def f(x):\n    return x\n", "\tindented\twith\ttabs",
    "line\nbreak", "trailing space ", "CamelCaseIdentifierWithHTTPServer", "snake_case_identifier_with_parts",
    "kebab-case-identifier", "SCREAMING_SNAKE", "mixed_Case-and.punct/slash\\back", "supercalifragilisticexpialidocious",
    "Donaudampfschifffahrtsgesellschaftskapitän", "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
    " " * 15, " " * 16, " " * 17, " " * 31, " " * 33, "x" + " " * 40 + "y", "\n" * 20, "ab " * 50,
    "ａｂｃ", "①②③", "½ ¾", "√2 ≈ 1.414", "∀x∈ℝ", "𝒳𝒴𝒵", "𐍈", "𠜎𠜱", "ꙮ", "ᚠᛇᚻ", "ⵣ", "ᎣᏏᏲ", "កម្ពុជា", "မြန်မာ", "ქართული",
]

ALPHABETS = [
    "abcdefghijklmnopqrstuvwxyz",
    "etaoin shrdlu",
    "ABCabc123_-. ",
    "aàâäeéèêiïoôuùü ",
    "абвгде жз",
    "日本語中文字漢 ",
    "a😀b👍 c\u200d",
    "<>s/unk ",
    "\u2581 a",
]


def texts():
    found = HEADERS + SENTENCES
    rng = random.Random(20240229)
    for index in range(45):
        alphabet = ALPHABETS[index % len(ALPHABETS)]
        found.append("".join(rng.choice(alphabet) for _ in range(rng.choice([3, 9, 30, 90]))))
    return list(dict.fromkeys(found))


EMBEDDED = ["first name", "givenNameLabel", "Größe 👍", "a", "The quick brown fox jumps over the lazy dog."]
LONG = [("word soup, ", 2000), ("abcdefghij", 20000), ("ab", 30000), ("Zürich 東京 👍 ", 3000)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", required=True)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--out", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden.json"))
    arguments = parser.parse_args()
    tokenizer = Tokenizer.from_file(arguments.tokenizer)
    raw = open(arguments.weights, "rb").read()
    (header_size,) = struct.unpack_from("<Q", raw)
    shape = json.loads(raw[8 : 8 + header_size])["embedding.weight"]["shape"]
    weights = numpy.frombuffer(raw, dtype="<f2", offset=8 + header_size).reshape(shape).astype(numpy.float32)

    def ids(text):
        return tokenizer.encode(text, add_special_tokens=False).ids

    def embedding(text):
        mean = weights[ids(text)].sum(axis=0, dtype=numpy.float32) / numpy.float32(len(ids(text)))
        return [round(float(number), 8) for number in mean / numpy.linalg.norm(mean)]

    long = []
    for unit, count in LONG:
        found = ids(unit * count)
        crc = zlib.crc32(struct.pack(f"<{len(found)}I", *found))
        long.append({"unit": unit, "repeat": count, "count": len(found), "crc32": crc})
    with open(arguments.out, "w", encoding="utf-8") as file:
        file.write('{\n"tokens": [\n')
        file.write(",\n".join(json.dumps({"text": text, "ids": ids(text)}) for text in texts()))
        file.write('\n],\n"long": [\n')
        file.write(",\n".join(json.dumps(case) for case in long))
        file.write('\n],\n"embeddings": [\n')
        file.write(",\n".join(json.dumps({"text": text, "vector": embedding(text)}) for text in EMBEDDED))
        file.write("\n]\n}\n")


if __name__ == "__main__":
    main()
