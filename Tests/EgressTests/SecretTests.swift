import Egress
import Foundations
import Glibc
import TestSupport
import Testing

extension Servers {
    @Suite struct `A secret` {
        let scenery: Scenery

        init() throws { scenery = try Scenery() }

        private func sent(_ reference: String, auth: EgressEndpoint.Authentication = Scenery.bearer) throws
            -> Scenery.Outcome
        { try scenery.ask("/v1/x", at: [try scenery.endpoint("plain", auth: auth)], secret: reference) }

        private func header(_ name: String) -> String? {
            let pairs = scenery.server.requests("plain").last?["headers"]?.arrayValue ?? []
            return pairs.first { $0.arrayValue?.first?.stringValue?.lowercased() == name }?.arrayValue?.last?
                .stringValue
        }

        @Test func `is put into its header by the host`() throws {
            let outcome = try sent("env:" + Scenery.secretVariable)
            #expect(outcome.response?.status == 200)
            #expect(header("authorization") == "Bearer " + Scenery.secret)
            #expect(outcome.report.secret == "test")
            let named = EgressEndpoint.Authentication(header: "x-api-key", scheme: nil, secret: "test")
            let path = try scenery.file("secret", "from-a-file-1234\r\n")
            #expect(try sent("file:" + path, auth: named).response?.status == 200)
            #expect(header("x-api-key") == "from-a-file-1234")
        }

        @Test(arguments: [
            ("env:SLUICE_NO_SUCH_VARIABLE", "variable SLUICE_NO_SUCH_VARIABLE is not set; set it"),
            ("env:SLUICE_TEST_EMPTY", "env:SLUICE_TEST_EMPTY is empty"),
            ("env:SLUICE_TEST_SHORT", "env:SLUICE_TEST_SHORT holds fewer than 8"),
            ("env:SLUICE_TEST_BLANK", "env:SLUICE_TEST_BLANK holds something else than visible ASCII"),
            ("env:SLUICE_TEST_LONG", "variable SLUICE_TEST_LONG is longer than"),
            ("file:/nowhere/secret", "file /nowhere/secret is not there; write"),
            ("file:/tmp", "/tmp is not a regular file"), ("store:openai", "needs a secrets store"),
            ("file:/etc/hostname", geteuid() == 0 ? "may read" : "belongs to another user"),
        ])
        func `that cannot be found stops the request`(reference: String, words: String) throws {
            let unfit = [
                ("EMPTY", ""), ("SHORT", "zq7"), ("BLANK", "zq7 zq7 zq7"),
                ("LONG", String(repeating: "zq7", count: 10_000)),
            ]
            for (variable, value) in unfit { setenv("SLUICE_TEST_" + variable, value, 1) }
            let before = scenery.server.requests("plain.connection").count
            let outcome = try sent(reference)
            #expect(outcome.error?.detail == "egress.secret" && outcome.error?.code == .providerUnhealthy)
            #expect("\(String(describing: outcome.error))".contains("zq7") == false)
            #expect(outcome.error?.message.contains(words) == true, "\(String(describing: outcome.error))")
            #expect(scenery.server.requests("plain.connection").count == before)
        }

        @Test(arguments: [
            ("", mode_t(0o600), "is empty"), ("seven77", 0o600, "fewer than 8"),
            ("twolines\nX-Injected: 1", 0o600, "visible ASCII"),
            ("with blank 12345", 0o600, "visible ASCII"), ("readable-by-group", 0o640, "chmod 600"),
            ("readable-by-all", 0o604, "chmod 600"), (String(repeating: "x", count: 20_000), 0o600, "longer than"),
        ])
        func `in a file that does not fit stops the request`(text: String, mode: mode_t, words: String) throws {
            let path = try scenery.file("unfit", text, mode: mode)
            let outcome = try sent("file:" + path)
            #expect(outcome.error?.detail == "egress.secret")
            #expect(outcome.error?.message.contains(words) == true, "\(String(describing: outcome.error))")
            #expect(outcome.error?.message.contains(path) == true)
            #expect(text.isEmpty || outcome.error?.message.contains(text.prefix(7)) == false)
        }

        @Test func `is not read through a link, or from another's file`() throws {
            let path = try scenery.file("real", "from-a-file-1234")
            let link = scenery.server.folder + "/link"
            unlink(link)
            #expect(symlink(path, link) == 0)
            let linked = try #require(try sent("file:" + link).error)
            #expect(linked.detail == "egress.secret" && linked.message.contains(link + " is a link"), "\(linked)")
            guard geteuid() == 0 else { return }
            #expect(chown(path, 65534, 65534) == 0)
            #expect(try sent("file:" + path).error?.message.contains("another user") == true)
        }

        @Test func `goes only where policy lets it go`() throws {
            let endpoint = try scenery.endpoint("other", auth: Scenery.bearer)
            let before = scenery.server.requests("other.connection").count
            let outcome = try scenery.ask("/v1/x", at: [endpoint])
            #expect(outcome.error?.detail == "egress.secret")
            #expect(scenery.server.requests("other.connection").count == before)
            let unknown = EgressEndpoint.Authentication(header: "authorization", scheme: nil, secret: "another")
            #expect(try sent("env:HOME", auth: unknown).error?.message.contains("secret:another") == true)
        }

        @Test func `that a server sends back is taken out`() throws {
            let endpoint = try scenery.endpoint("plain", auth: Scenery.bearer)
            let outcome = try scenery.ask("/v1/reflect", at: [endpoint])
            let response = try #require(outcome.response)
            // The value, percent-encoded, base64 with and without its scheme, and a header.
            #expect(outcome.report.redactions == 5)
            let text = outcome.text
            #expect(!text.contains(Scenery.secret) && !text.contains("SECRET"))
            #expect(text.contains("Bearer [secret]"))
            #expect(response.headers.contains(EgressRequest.Header("x-reflected", "Bearer [secret]")))
            let everything = response.json.canonicalText + text + "\(response)\(outcome.report)"
            #expect(!everything.contains("SECRET"))
            // "sk-SECRET/9f3a+77c1==", in base64.
            #expect(!everything.contains("c2stU0VDUkVU"))
        }

        @Test func `is taken out however its bytes are spelled`() throws {
            let outcome = try scenery.ask("/v1/spellings", at: [try scenery.endpoint("plain", auth: Scenery.bearer)])
            let lines = outcome.text.split(separator: "\n").map(String.init)
            // Ten spellings, and base64 in three alphabets behind five beginnings.
            let missed = lines.filter { !$0.contains("[secret]") }
            #expect(lines.count == 25 && missed.isEmpty, "\(missed)")
            #expect(outcome.report.redactions == 25)
            let plain = lines.prefix(10).filter { $0 != "[secret]" && $0 != #""\"[secret]\"""# }
            #expect(plain.isEmpty, "\(plain)")
            // No more than what stood around the value is left of its base64.
            let long = lines.dropFirst(10).filter { $0.utf8.count > "[secret]".utf8.count + 32 }
            #expect(long.isEmpty, "\(long)")
        }

        @Test(arguments: ["plain", "good"])
        func `leaves nothing in the memory that a request used, while its connection is kept`(server: String) throws {
            // A value that is nowhere but in the file, so that whatever is found was left behind.
            var generator = SystemRandomNumberGenerator()
            let halves = (0..<2).map { _ in
                String(UInt64.random(in: (1 << 60)...UInt64.max, using: &generator), radix: 36)
            }
            let path = scenery.server.folder + "/left"
            // Long, so that the buffers it passes through are large ones, which are not used again at once.
            let tail = String(repeating: "t", count: 6000)
            try run("umask 077; printf '%s-%s%s' \(halves[0]) \(halves[1]) \(tail) > \(path)")
            let broker = try scenery.broker("file:" + path)
            let endpoint = try scenery.endpoint(server, auth: Scenery.bearer)
            for turn in 1...2 {
                let outcome = try scenery.ask("/v1/x", at: [endpoint], by: broker)
                // At once, before anything else uses the memory again.
                let places = try count(halves)
                #expect(places == 0, "copies of the value that are left in this process")
                #expect(outcome.response?.status == 200 && outcome.report.secret == "test")
                #expect(broker.idleConnections == 1, "turn \(turn): the connection is open meanwhile")
            }
            let arrived = scenery.server.requests(server).suffix(2)
            #expect(arrived.first?["connection"] == arrived.last?["connection"] && arrived.count == 2)
            let isSent = arrived.allSatisfy { "\($0)".contains("Bearer \(halves[0])-\(halves[1])" + tail) }
            #expect(isSent)
            // What is there is found.
            let planted = strdup("\(halves[0])-\(halves[1])")
            let found = try count(halves)
            #expect(found > 0)
            free(planted)
        }

        @Test func `cannot be read from a log of TLS keys that the environment asks for`() async throws {
            let path = "/tmp/sluice-egress-keys-\(getpid())"
            unlink(path)
            // In a process of its own: libcurl asks for the variable once.
            await #expect(processExitsWith: .success) { [path = path as String] in
                setenv("SSLKEYLOGFILE", path, 1)
                let scenery = try Scenery()
                let outcome = try scenery.ask("/v1/x", at: [try scenery.endpoint("good", auth: Scenery.bearer)])
                precondition(outcome.response?.status == 200, "\(String(describing: outcome.error))")
            }
            #expect(!Files.exists(path), "the keys of the connection are written down")
            unlink(path)
        }

        private func run(_ command: String) throws { try #require(system(command) == 0) }

        /// How often the value is in this process's own memory; the halves themselves are, on purpose.
        private func count(_ halves: [String]) throws -> Int {
            let first = Array(halves[0].utf8)
            let second = Array(halves[1].utf8)
            let maps = String(decoding: try Files.read("/proc/self/maps"), as: UTF8.self).split(separator: "\n")
            let memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC)
            try #require(memory >= 0)
            defer { close(memory) }
            var looked = 0
            var found = 0
            for line in maps where line.contains(" rw-p ") && (!line.contains("/") || line.contains("[heap]")) {
                let range = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt64($0, radix: 16) }
                guard range.count == 2, range[1] - range[0] <= 256 << 20 else { continue }
                var bytes = [UInt8](repeating: 0, count: Int(range[1] - range[0]))
                let got = pread(memory, &bytes, bytes.count, off_t(range[0]))
                looked += max(got, 0)
                found += bytes.withUnsafeBytes { buffer in
                    var hits = 0
                    var at = 0
                    while at + 64 < got, let base = buffer.baseAddress,
                        let hit = memchr(base + at, Int32(first[0]), got - at - 64)
                    {
                        at = UnsafeRawPointer(hit) - base
                        let isWhole =
                            memcmp(base + at, first, first.count) == 0
                            && base.load(fromByteOffset: at + first.count, as: UInt8.self) == UInt8(ascii: "-")
                            && memcmp(base + at + first.count + 1, second, second.count) == 0
                        hits += isWhole ? 1 : 0
                        at += 1
                    }
                    return hits
                }
            }
            #expect(looked > 1 << 20)
            return found
        }
    }
}
