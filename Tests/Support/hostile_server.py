"""Servers that misbehave, each on a port of its own: hostile_server.py FOLDER

Makes an authority and certificates in FOLDER with openssl, listens on free ports of 127.0.0.1, and prints one line of
JSON: {"ports": {NAME: PORT}, "ca": PATH}. Every request that arrives is a line of FOLDER/requests.jsonl, written before
it is answered, with 16 KiB of its body. It ends when its parent does.
"""

import base64
import json
import os
import select
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import urllib.parse
import zlib

FOLDER = sys.argv[1]
LOCK = threading.Lock()
TEN_GB = 10 * 1000 * 1000 * 1000


def openssl(*arguments):
    subprocess.run(("openssl",) + arguments, check=True, cwd=FOLDER, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def key(name):
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", name + ".key")


def certificates():
    key("ca")
    openssl("req", "-x509", "-new", "-key", "ca.key", "-subj", "/CN=Test authority", "-days", "30", "-out", "ca.pem")
    for name, alternative, days in (("good", "DNS:localhost,DNS:pinned.test,DNS:api.example.org,IP:127.0.0.1",
                                     "30"),
                                    ("wrong", "DNS:another.test", "30"),
                                    ("expired", "DNS:localhost,DNS:pinned.test", "-1")):
        key(name)
        with open(os.path.join(FOLDER, name + ".ext"), "w") as file:
            file.write("subjectAltName=%s\nbasicConstraints=CA:FALSE\n" % alternative)
        openssl("req", "-new", "-key", name + ".key", "-subj", "/CN=" + name, "-out", name + ".csr")
        openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
                days, "-extfile", name + ".ext", "-out", name + ".pem")
    key("selfsigned")
    openssl("req", "-x509", "-new", "-key", "selfsigned.key", "-subj", "/CN=localhost", "-addext",
            "subjectAltName=DNS:localhost,DNS:pinned.test", "-days", "30", "-out", "selfsigned.pem")


def context(name, most=None, least=None):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(os.path.join(FOLDER, name + ".pem"), os.path.join(FOLDER, name + ".key"))
    if most:
        made.set_ciphers("DEFAULT@SECLEVEL=0")
        made.minimum_version = least or most
        made.maximum_version = most
    return made


def record(name, entry):
    entry = dict(entry, server=name, body=entry.get("body", "")[:16384])
    with LOCK, open(os.path.join(FOLDER, "requests.jsonl"), "a") as file:
        file.write(json.dumps(entry) + "\n")


def read_request(client):
    """One request, or None at the end of the connection. Nobody sends a second one before the answer to the first."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = client.recv(65536)
        if not more:
            return None
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    lines = head.decode("latin-1").split("\r\n")
    method, target = lines[0].split(" ")[:2]
    headers = [line.split(": ", 1) if ": " in line else [line.rstrip(":;"), ""] for line in lines[1:]]
    size = int(dict((n.lower(), v) for n, v in headers).get("content-length", "0"))
    while len(body) < size:
        more = client.recv(65536)
        if not more:
            break
        body += more
    return {"method": method, "target": target, "headers": headers, "body": body.decode("utf-8", "replace")}


def respond(client, body, status=200, headers=()):
    lines = ["HTTP/1.1 %d X" % status, "Content-Length: %d" % len(body)] + list(headers)
    client.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)


def drip(client, data, seconds):
    """The slowness itself is what is served."""
    for byte in data:
        client.sendall(bytes([byte]))
        time.sleep(seconds)


def big(client, query, request):
    block = bytes(1 << 16)
    length = "Content-Length: %d\r\n" % TEN_GB if "length" in query else ""
    client.sendall(("HTTP/1.1 200 OK\r\nConnection: close\r\n%s\r\n" % length).encode())
    sent = 0
    while sent < TEN_GB:
        client.sendall(block)
        sent += len(block)


def bomb(client, query, request):
    maker = zlib.compressobj(9, zlib.DEFLATED, 31)
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n")
    block = bytes(1 << 20)
    for _ in range(10000):
        data = maker.compress(block)
        if data:
            client.sendall(data)


GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"
EMPTY_BLOCK = b"\x00\x00\x00\xff\xff"


def layers(client, query, request):
    """Codings within codings; the innermost is made of blocks that stand for nothing."""
    data = GZIP_HEAD + EMPTY_BLOCK * (4 << 20)
    for _ in range(3):
        maker = zlib.compressobj(6, zlib.DEFLATED, 31)
        data = maker.compress(data) + maker.flush(zlib.Z_SYNC_FLUSH)
    client.sendall(b"HTTP/1.1 200 OK\r\n" + query["head"].encode() + b"\r\nConnection: close\r\n\r\n" + data)


def empty_blocks(client, query, request):
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + GZIP_HEAD)
    while True:
        client.sendall(EMPTY_BLOCK * 20000)


def coded(client, query, request):
    """One coding, done well, or cut short, or with something behind it."""
    bits = {"gzip": 31, "deflate": 15, "bare": -15}[query["as"]]
    maker = zlib.compressobj(9, zlib.DEFLATED, bits)
    data = maker.compress(b"decoded " * 100000) + maker.flush()
    data = data[:len(data) - int(query.get("cut", "0"))] + query.get("more", "").encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(data[at:at + 100]), data[at:at + 100])
                      for at in range(0, len(data), 100)) + b"0\r\n\r\n"
    coding = b"\r\nContent-Encoding: " + (b"gzip" if bits == 31 else b"deflate")
    client.sendall(b"HTTP/1.1 200 OK" + coding + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)


def think(client, query, request):
    """The time that a model takes before its first word."""
    time.sleep(float(query["seconds"]))
    respond(client, b"thought of %d" % len(request["body"]))


def spellings(client, query, request):
    """The credential in every spelling that a server may use without meaning harm, one a line."""
    value = dict((n.lower(), v) for n, v in request["headers"])["authorization"].split(" ")[1]
    lines = [
        value.replace("/", "\\/"), value.replace("+", "\\u002b").replace("=", "\\u003D"),
        "".join("\\u%04x" % ord(c) for c in value), json.dumps(json.dumps(value.replace("/", "\\u002F"))),
        urllib.parse.quote(value, safe="").lower().replace("sk-secret", "sk-SECRET"),
        "".join("%%%02X" % ord(c) for c in value), "".join("&#%d;" % ord(c) for c in value),
        "".join("&#x%X;" % ord(c) for c in value), value.replace("/", "&sol;").replace("=", "&#0061;"),
        "".join("\\x%02x" % ord(c) for c in value),
    ]
    for before in ("", "a", "ab", "abc", "authorization: Bearer "):
        text = (before + value + "!" * (len(before) % 3)).encode()
        lines += [base64.b64encode(text).decode(), base64.urlsafe_b64encode(text).decode().rstrip("="),
                  base64.b64encode(text).decode().replace("/", "\\/").replace("+", "%2B")]
    respond(client, "\n".join(lines).encode())


def reflect(client, query, request):
    text = json.dumps(request["headers"])
    secrets = [value for name, value in request["headers"] if name.lower() in ("authorization", "x-api-key")]
    for value in secrets:
        bare = value.split(" ")[-1]
        text += "\n" + urllib.parse.quote(bare, safe="") + "\n" + base64.b64encode(value.encode()).decode()
        text += "\n" + base64.b64encode(bare.encode()).decode()
    respond(client, text.encode(), headers=["X-Reflected: " + value for value in secrets])


def big_head(client, query, request):
    client.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(200000):
        client.sendall(b"X-%d: %s\r\n" % (number, b"y" * 200))


def big_line(client, query, request):
    client.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(100000):
        client.sendall(b"y" * 1024)


def endless_100(client, query, request):
    while True:
        client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


def redirect(client, query, request):
    respond(client, b"", int(query.get("code", "302")), ["Location: " + query["to"]])


def status(client, query, request):
    after = ["Retry-After: " + query["after"]] if "after" in query else []
    respond(client, b'{"error":"as asked"}', int(query["code"]), after + ["Set-Cookie: a=b", "X-Two: 1", "X-Two: 2"])


def ask_and_cut(client, query, request):
    """Answers well the first time; what comes next over the same connection is read and never answered."""
    respond(client, b"first")
    second = read_request(client)
    if second is not None:
        record(query["name"], second)
    if query.get("how") == "reset":
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def say_more(client, query, request):
    """A whole answer, and behind it one that nobody asked for: with it, with its body alone, or a little later.

    Each sendall is a TLS record of its own; what a client leaves of one lies in its TLS library, not in its socket.
    """
    more = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npoisoned"
    head, body = {"counted": (b"200 OK\r\nContent-Length: 5\r\n\r\n", b"first"),
                  "chunked": (b"200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"5\r\nfirst\r\n0\r\n\r\n"),
                  "zero": (b"200 OK\r\nContent-Length: 0\r\n\r\n", b""),
                  "none": (b"204 No\r\n\r\n", b"")}[query.get("body", "counted")]
    head = b"HTTP/1.1 " + head
    if query["when"] == "at_once":
        client.sendall(head + body + more)
    elif query["when"] == "after_head":
        client.sendall(head)
        time.sleep(0.2)  # so that the head is read alone
        client.sendall(body + more)
    else:
        client.sendall(head + body)
        client.sendall(more)
    record("said", {})
    client.recv(1)  # until the client hangs up, or asks again


def close_after(client, query, request):
    respond(client, b"then closed")
    client.shutdown(socket.SHUT_WR)
    record("closed", {})
    client.recv(1)


def pieces(client, query, request):
    """So many pieces of a body, with so many seconds between them, behind a head and a first silence."""
    chunked = "chunked" in query
    length = "" if chunked else "Content-Length: %d\r\n" % (int(query["count"]) * 4)
    client.sendall(("HTTP/1.1 %s OK\r\n%s\r\n" % (
        query.get("code", "200"), "Transfer-Encoding: chunked\r\n" if chunked else length)).encode())
    time.sleep(float(query.get("first", "0")))
    for _ in range(int(query["count"])):
        client.sendall(b"4\r\ndata\r\n" if chunked else b"data")
        time.sleep(float(query["every"]))
    if chunked:
        client.sendall(b"0\r\n\r\n")


def reset(client, query, request):
    """Resets the connection: before the head, within it, or in the middle of a counted or chunked body."""
    client.sendall({"none": b"", "head": b"HTTP/1.1 200 OK\r\nContent-",
                    "counted": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes!",
                    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\nten bytes!"}[query["at"]])
    if query.get("how") != "end":
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def raw(client, query, request):
    """Bytes that are no text in any encoding."""
    respond(client, bytes(range(256)) * 16, headers=["Content-Type: application/json"])


def endless(client, query, request):
    """A stream of events that never ends, in chunks."""
    client.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        client.sendall(b"1000\r\n" + b"data: {}\n\n".ljust(4096) + b"\r\n")


PATHS = {
    "/v1/ask_and_cut": ask_and_cut,
    "/v1/say_more": say_more,
    "/v1/close_after": close_after,
    "/v1/pieces": pieces,
    "/v1/reset": reset,
    "/v1/raw": raw,
    "/v1/endless": endless,
    "/v1/reflect": reflect,
    "/v1/big": big,
    "/v1/bomb": bomb,
    "/v1/layers": layers,
    "/v1/empty_blocks": empty_blocks,
    "/v1/coded": coded,
    "/v1/think": think,
    "/v1/spellings": spellings,
    "/v1/slow_head": lambda c, q, r: drip(c, b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100000, 0.05),
    "/v1/slow_status": lambda c, q, r: drip(c, b"HTTP/1.1 200 " + b"O" * 100000, 0.05),
    "/v1/head_alone": lambda c, q, r: (c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"), c.recv(1)),
    "/v1/loris": lambda c, q, r: (c.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
                                  drip(c, b"1\r\nx\r\n" * 100000, 0.05)),
    "/v1/slow_body": lambda c, q, r: (c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"),
                                      drip(c, bytes(100000), 0.1)),
    "/v1/big_head": big_head,
    "/v1/big_line": big_line,
    "/v1/endless_100": endless_100,
    "/v1/redirect": redirect,
    "/v1/status": status,
    "/v1/silent": lambda c, q, r: c.recv(1),  # until the client gives up
    "/v1/garbage": lambda c, q, r: c.sendall(b"\x00\x01SSH-2.0-what\r\n\r\n"),
    "/v1/hang_up": lambda c, q, r: None,
    "/v1/partial": lambda c, q, r: c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes!"),
}


# Whose answers are whole, so that another request may follow over the same connection.
KEEPS = ("/v1/reflect", "/v1/coded", "/v1/think", "/v1/spellings", "/v1/redirect", "/v1/status", "/v1/pieces",
         "/v1/raw")


def answer(name, client, request):
    """Whether the connection is kept."""
    parts = urllib.parse.urlsplit(request["target"])
    query = dict(urllib.parse.parse_qsl(parts.query))
    behaviour = PATHS.get(parts.path)
    if behaviour:
        behaviour(client, query, request)
        return parts.path in KEEPS
    body = json.dumps({"server": name, "method": request["method"], "path": request["target"],
                       "size": len(request["body"])}).encode()
    respond(client, body, headers=["Content-Type: application/json"])
    return True


def serve(name, client, wrap, number):
    try:
        if wrap:
            client = wrap.wrap_socket(client, server_side=True)
        while True:
            request = read_request(client)
            if request is None:
                return
            if wrap:
                request["tls"] = client.version()
            request["connection"] = number
            record(name, request)
            if not answer(name, client, request):
                return
    except (OSError, ValueError) as error:
        record(name + ".error", {"error": type(error).__name__})
    finally:
        try:
            client.close()
        except OSError:
            pass
        record(name + ".closed", {"connection": number})


def listen(name, wrap=None, answers=True):
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)

    def accept():
        number = 0
        while True:
            client, _ = listener.accept()
            number += 1
            record(name + ".connection", {})
            if answers:
                threading.Thread(target=serve, args=(name, client, wrap, number), daemon=True).start()
            else:
                kept.append(client)

    kept = []
    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def tunnel(client, port):
    inner = socket.create_connection(("127.0.0.1", port))
    client.sendall(b"HTTP/1.1 200 Tunnel\r\n\r\n")
    threading.Thread(target=pump, args=(inner, client), daemon=True).start()
    pump(client, inner)


def proxy(places):
    """A proxy that leads to servers of this program alone, by the public addresses in `places`."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(16)

    def lead(client):
        request = read_request(client)
        record("proxy", request or {})
        if request and request["target"] in places:
            tunnel(client, places[request["target"]])
        else:
            client.sendall(b"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n")
            client.close()

    def accept():
        while True:
            client, _ = listener.accept()
            threading.Thread(target=lead, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def closed_port():
    probe = socket.socket()
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
    probe.close()
    return port


def main():
    end = os.pidfd_open(os.getppid())
    certificates()
    versions = ssl.TLSVersion
    ports = {
        "plain": listen("plain"), "other": listen("other"), "mute": listen("mute", answers=False),
        "good": listen("good", context("good")), "wrong": listen("wrong", context("wrong")),
        "expired": listen("expired", context("expired")), "selfsigned": listen("selfsigned", context("selfsigned")),
        "tls11": listen("tls11", context("good", versions.TLSv1_1, versions.TLSv1)),
        "tls12": listen("tls12", context("good", versions.TLSv1_2)), "closed": closed_port(),
    }
    ports["proxy"] = proxy({"93.184.216.40:443": ports["good"], "93.184.216.41:443": ports["wrong"]})
    print(json.dumps({"ports": ports, "ca": os.path.join(FOLDER, "ca.pem")}), flush=True)
    select.select([end], [], [])


main()
