#!/usr/bin/env python3
"""Pack wordllama's embedding weights and tokenizer into one flat file that can be mapped and used as it is.

    pack-wordllama.py --weights l2_supercat_256.safetensors --tokenizer l2_supercat_tokenizer_config.json \
                      --out wordllama-l2-256.slw

The inputs come out of the `wordllama` wheel (MIT). The same inputs give the same bytes. Standard library only.

The file (`.slw`, version 1). All numbers are little-endian; every section begins at a multiple of 64 and is padded
with zeros to the next one; the sections follow each other in the order below and fill the file.

    header, 128 bytes
        0  u8[8]  magic "SLUICEWL"
        8  u32    version, 1
       12  u32    header size, 128
       16  u64    file size
       24  u32    vocabulary count V
       28  u32    dimensions D, a multiple of 16
       32  u32    merge count M
       36  u32    scalar count S: tokens that are one Unicode scalar
       40  u32    special count P
       44  u32    flags; bit 0: no token has a U+2581 behind another character, so no merge crosses a word's start
       48  u64[8] offset of each section
      112  u32    CRC-32 of bytes 128 ..< offset of the weights
      116  u32    CRC-32 of the weights section
      120  u32    reserved, 0
      124  u32    CRC-32 of bytes 0 ..< 124
    sections
        0  text index   u32[V+1]     start of each token's text in section 1, by token id, and the end
        1  text         u8[…]        the tokens' UTF-8
        2  scalars      u32[2][S]    (scalar value, token id), ascending by scalar value
        3  byte tokens  u32[256]     the token id of each byte, for text that the vocabulary lacks
        4  specials     u32[P]       token ids of the special tokens that are cut out of a text before normalisation
        5  merge index  u32[V+1]     start of each left token's merges in section 6, and the end
        6  merges       u32[3][M]    (right id, rank, merged id), ascending by right id within one left id
        7  weights      f16[V][D]    one row a token
"""

import argparse
import array
import json
import os
import struct
import sys
import zlib

MAGIC = b"SLUICEWL"
VERSION = 1
HEADER_SIZE = 128
ALIGNMENT = 64
SPACE = "\u2581"
FLAG_WORDS_ARE_SEPARATE = 1


class Refused(Exception):
    """The input is not what this format can hold."""


def read_weights(path):
    """Return (rows, dimensions, little-endian f16 bytes) of the tensor `embedding.weight`."""
    with open(path, "rb") as file:
        raw = file.read()
    if len(raw) < 8:
        raise Refused(f"{path}: not a safetensors file (shorter than its length field)")
    (header_size,) = struct.unpack_from("<Q", raw)
    if header_size > len(raw) - 8:
        raise Refused(f"{path}: not a safetensors file (header of {header_size} bytes in {len(raw)})")
    header = json.loads(raw[8 : 8 + header_size])
    tensor = header.get("embedding.weight")
    if tensor is None:
        raise Refused(f"{path}: no tensor named embedding.weight")
    if tensor["dtype"] != "F16" or len(tensor["shape"]) != 2:
        raise Refused(f"{path}: embedding.weight is {tensor['dtype']}{tensor['shape']}, wanted a matrix of F16")
    rows, dimensions = tensor["shape"]
    begin, end = tensor["data_offsets"]
    data = raw[8 + header_size :][begin:end]
    if len(data) != rows * dimensions * 2:
        raise Refused(f"{path}: {len(data)} bytes of weights for {rows}x{dimensions}")
    halves = array.array("H", data)
    if sys.byteorder == "big":
        halves.byteswap()
    if any((half & 0x7C00) == 0x7C00 for half in halves):
        raise Refused(f"{path}: a weight is infinite or not a number")
    if dimensions % 16 != 0:
        raise Refused(f"{path}: {dimensions} dimensions, wanted a multiple of 16")
    return rows, dimensions, data


def check_pipeline(tokenizer):
    """Refuse a tokenizer whose steps differ from the ones that the reader implements."""
    model = tokenizer["model"]
    wanted_model = {
        "type": "BPE",
        "dropout": None,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "byte_fallback": True,
    }
    for key, wanted in wanted_model.items():
        if model.get(key) != wanted:
            raise Refused(f"tokenizer: model.{key} is {model.get(key)!r}, wanted {wanted!r}")
    if model.get("ignore_merges"):
        raise Refused("tokenizer: model.ignore_merges is set")
    wanted_normalizer = {
        "type": "Sequence",
        "normalizers": [
            {"type": "Prepend", "prepend": SPACE},
            {"type": "Replace", "pattern": {"String": " "}, "content": SPACE},
        ],
    }
    if tokenizer.get("normalizer") != wanted_normalizer:
        raise Refused("tokenizer: the normalizer is not Prepend U+2581, Replace space by U+2581")
    if tokenizer.get("pre_tokenizer") is not None:
        raise Refused("tokenizer: a pre-tokenizer is not supported")
    for token in tokenizer.get("added_tokens", []):
        if any(token.get(flag) for flag in ("single_word", "lstrip", "rstrip", "normalized")):
            raise Refused(f"tokenizer: added token {token['content']!r} asks for more than a plain cut")


def read_tokenizer(path):
    """Return (texts by id, ids by text, [(left, right, rank, merged)], special ids)."""
    with open(path, encoding="utf-8") as file:
        tokenizer = json.load(file)
    check_pipeline(tokenizer)
    ids = tokenizer["model"]["vocab"]
    if sorted(ids.values()) != list(range(len(ids))):
        raise Refused("tokenizer: token ids are not 0, 1, 2, …")
    texts = [""] * len(ids)
    for text, identifier in ids.items():
        texts[identifier] = text
    if "" in ids:
        raise Refused("tokenizer: the vocabulary holds the empty text")

    merges = {}
    for rank, merge in enumerate(tokenizer["model"]["merges"]):
        left, right = merge.split(" ") if isinstance(merge, str) else merge
        if left not in ids or right not in ids or left + right not in ids:
            raise Refused(f"tokenizer: merge {rank} names a text outside the vocabulary")
        merges[ids[left], ids[right]] = (rank, ids[left + right])  # of doubles the last counts
    rows = sorted((left, right, rank, merged) for (left, right), (rank, merged) in merges.items())
    if max((row[2] for row in rows), default=0) >= 1 << 24:
        raise Refused("tokenizer: more than 2^24 merges")

    specials = []
    for token in tokenizer.get("added_tokens", []):
        if ids.get(token["content"]) != token["id"]:
            raise Refused(f"tokenizer: added token {token['content']!r} is outside the vocabulary")
        specials.append(token["id"])
    return texts, ids, rows, sorted(specials)


def u32s(values):
    return struct.pack(f"<{len(values)}I", *values)


def sections_of(texts, ids, merges, specials, weights):
    """Return the bytes of the eight sections, unpadded, in file order."""
    encoded = [text.encode("utf-8") for text in texts]
    text_index = [0]
    for piece in encoded:
        text_index.append(text_index[-1] + len(piece))

    scalars = sorted((ord(text), identifier) for text, identifier in ids.items() if len(text) == 1)

    byte_tokens = []
    for byte in range(256):
        identifier = ids.get(f"<0x{byte:02X}>")
        if identifier is None:
            raise Refused(f"tokenizer: no token for byte 0x{byte:02X}")
        byte_tokens.append(identifier)

    counts = [0] * len(texts)
    for left, _, _, _ in merges:
        counts[left] += 1
    merge_index = [0]
    for count in counts:
        merge_index.append(merge_index[-1] + count)

    return [
        u32s(text_index),
        b"".join(encoded),
        u32s([number for pair in scalars for number in pair]),
        u32s(byte_tokens),
        u32s(specials),
        u32s(merge_index),
        u32s([number for _, right, rank, merged in merges for number in (right, rank, merged)]),
        weights,
    ], len(scalars)


def words_are_separate(texts):
    """True when U+2581 stands in a token only as its first characters."""
    return all(SPACE not in text.lstrip(SPACE) for text in texts)


def pack(weights_path, tokenizer_path):
    """Return the whole packed file."""
    texts, ids, merges, specials = read_tokenizer(tokenizer_path)
    rows, dimensions, weights = read_weights(weights_path)
    if rows != len(texts):
        raise Refused(f"{rows} rows of weights for {len(texts)} tokens")
    sections, scalar_count = sections_of(texts, ids, merges, specials, weights)

    body = bytearray()
    offsets = []
    for section in sections:
        offsets.append(HEADER_SIZE + len(body))
        body += section
        body += b"\0" * (-len(body) % ALIGNMENT)
    tables_size = offsets[-1] - HEADER_SIZE

    header = MAGIC + struct.pack(
        "<IIQIIIIII8QIII",
        VERSION,
        HEADER_SIZE,
        HEADER_SIZE + len(body),
        len(texts),
        dimensions,
        len(merges),
        scalar_count,
        len(specials),
        FLAG_WORDS_ARE_SEPARATE if words_are_separate(texts) else 0,
        *offsets,
        zlib.crc32(body[:tables_size]),
        zlib.crc32(body[tables_size:]),
        0,
    )
    header += struct.pack("<I", zlib.crc32(header))
    assert len(header) == HEADER_SIZE
    return header + bytes(body)


def main():
    parser = argparse.ArgumentParser(description="Pack wordllama's weights and tokenizer into one mappable file.")
    parser.add_argument("--weights", required=True, help="weights/l2_supercat_256.safetensors of the wheel")
    parser.add_argument("--tokenizer", required=True, help="tokenizers/l2_supercat_tokenizer_config.json of the wheel")
    parser.add_argument("--out", required=True, help="the file to write; replaced whole or not at all")
    arguments = parser.parse_args()
    try:
        packed = pack(arguments.weights, arguments.tokenizer)
        partial = f"{arguments.out}.partial.{os.getpid()}"
        try:
            with open(partial, "wb") as file:
                file.write(packed)
            os.replace(partial, arguments.out)
        finally:
            if os.path.exists(partial):
                os.unlink(partial)
    except (Refused, OSError, ValueError, KeyError) as error:
        print(f"pack-wordllama: {error}", file=sys.stderr)
        return 1
    print(f"{arguments.out}: {len(packed)} bytes", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
