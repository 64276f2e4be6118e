import Egress
import Foundations
import Testing

@testable import PluginHost

@Suite struct `A plugin's manifest` {
    private func parse(_ json: JSON) throws -> PluginManifest {
        try PluginManifest.parse(json.canonicalBytes, name: "sample.json")
    }

    @Test func `is read whole`() throws {
        let bytes = manifestJSON().canonicalBytes
        let manifest = try PluginManifest.parse(bytes, name: "sample.json")
        #expect(manifest.id == "sample")
        #expect(manifest.kind == .check)
        #expect(manifest.artifacts.first?.file == "libSample.so")
        #expect(manifest.dataAccess.companions == ["key"])
        #expect(manifest.limits.memoryBytes == 268_435_456)
        #expect(manifest.limits.wallSeconds == 30)
        #expect(manifest.hash == SHA256.hash(bytes))
    }

    @Test(
        arguments: [
            ("manifest_version", JSON.int(2), "/manifest_version must be 1"),
            ("surprise", 1, "/surprise is an unknown key"),
            ("id", "../etc", "/id must be an id"),
            ("id", 7, "/id must be an id"),
            ("version", "1.2", "/version must be a version"),
            ("version", "01.2.3", "/version must be a version"),
            ("kind", "virus", "/kind must be one of provider, connector, check"),
            ("summary", "two\nlines", "/summary must be text"),
            ("key_id", "ab", "/key_id must be 64 lower-case"),
            ("conformance", ["suite_version": "1"], "/conformance/report_sha256 is missing"),
            (
                "conformance", ["suite_version": "1", "report_sha256": 1],
                "/conformance/suite_version must be a version"
            ),
            ("abi", ["major": 0], "/abi/minor is missing"),
            ("artifacts", [], "/artifacts must have 1 to 16 elements"),
            ("artifacts", ["x"], "/artifacts/0 must be an object"),
            ("extensions", ["a/b/c"], "/extensions/0 must be an extension id"),
            ("egress", [["host": "a"]], "/egress must be empty: a check has no egress"),
            (
                "data_access", ["sees": "masked batches", "companions": ["raw"]],
                "/data_access/companions/0 must be one of"
            ),
            (
                "data_access", ["sees": "masked batches", "companions": ["key", "key"]],
                "/data_access/companions/1 stands there twice"
            ),
            (
                "data_access", ["sees": "everything", "companions": []],
                "/data_access/sees must be one of masked batches"
            ),
            ("limits", ["memory_bytes": 1], "/limits/memory_bytes must be an integer from"),
            ("limits", ["a~/b": 1], "/limits/a~0~1b is an unknown key"),
        ] as [(String, JSON, String)])
    func `with a mistake is refused by pointer`(key: String, value: JSON, expected: String) throws {
        let error = failure { _ = try parse(manifestJSON([key: value])) }
        #expect(error?.detail == "plugin.manifest")
        #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }

    @Test func `may name a language, and has the strictest list of system calls without one`() throws {
        #expect(try parse(manifestJSON()).language == .c)
        for language in ["c", "c++", "go", "rust", "swift"] {
            let manifest = try parse(manifestJSON(["language": .string(language)]))
            #expect(manifest.language.rawValue == language)
        }
        for wrong in ["C", "cobol", ""] as [JSON] + [1, .null] {
            let error = failure { _ = try parse(manifestJSON(["language": wrong])) }
            #expect(error?.message.contains("/language must be one of c, c++, go, rust, swift") == true, "\(wrong)")
        }
    }

    @Test func `of a connector may name the sources that it reads`() throws {
        func connector(_ source: JSON, kind: String = "connector", relay: JSON? = nil) -> JSON {
            var members: [String: JSON] = [
                "kind": .string(kind), "source": source,
                "data_access": [
                    "sees": kind == "check" ? "masked batches" : "own source", "companions": [],
                ],
            ]
            members["relay"] = relay
            return manifestJSON(members)
        }
        let plain = try parse(connector(["schemes": ["ltsv", "a1"], "stream": "file"])).source
        #expect(plain?.schemes == ["ltsv", "a1"] && plain?.namesColumnsWithoutBytes == false)
        let blind = try parse(connector(["schemes": ["ltsv"], "stream": "file", "metadata": "none"])).source
        #expect(blind?.namesColumnsWithoutBytes == true)
        #expect(try parse(manifestJSON()).source == nil)
        let wrong: [(JSON, String)] = [
            (connector(["schemes": ["ltsv"], "stream": "file"], kind: "check"), "/source must be left out: a check"),
            (connector(["schemes": [], "stream": "file"]), "/source/schemes must have 1 to 8 elements"),
            (connector(["schemes": ["l"], "stream": "file"]), "/source/schemes/0 must be a word of 2 to 16"),
            (connector(["schemes": ["1a"], "stream": "file"]), "/source/schemes/0 must be a word of 2 to 16"),
            (connector(["schemes": ["LTSV"], "stream": "file"]), "/source/schemes/0 must be a word of 2 to 16"),
            (connector(["schemes": ["aaaaaaaaaaaaaaaaa"], "stream": "file"]), "/source/schemes/0 must be a word"),
            (
                connector(["schemes": ["csv"], "stream": "file"]),
                "/source/schemes/0 must be another word: csv is taken"
            ),
            (connector(["schemes": ["https"], "stream": "file"]), "https is taken"),
            (connector(["schemes": ["a1", "a1"], "stream": "file"]), "/source/schemes/1 stands there twice"),
            (connector(["schemes": ["ltsv"], "stream": "relay"]), "/source/stream must be file"),
            (connector(["schemes": ["ltsv"], "stream": "socket"]), "/source/stream must be one of file, relay"),
            (connector(["schemes": ["ltsv"]]), "/source/stream is missing"),
            (
                connector(["schemes": ["ltsv"], "stream": "file", "metadata": "head"]),
                "/source/metadata must be one of none"
            ),
            (
                connector(["schemes": ["ltsv"], "stream": "file"], relay: ["protocols": ["postgres"]]),
                "/source/stream must be file, without `relay`"
            ),
        ]
        for (json, expected) in wrong {
            let error = failure { _ = try parse(json) }
            #expect(error?.detail == "plugin.manifest")
            #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
        }
    }

    @Test func `of a connector may ask for a relay`() throws {
        func connector(_ relay: JSON) -> JSON {
            manifestJSON([
                "kind": "connector", "data_access": ["sees": "own source", "companions": []], "relay": relay,
            ])
        }
        #expect(try parse(manifestJSON()).relay == [])
        #expect(try parse(connector(["protocols": ["postgres"]])).relay == [.postgres])
        let cases: [(JSON, String)] = [
            (connector([:]), "/relay/protocols is missing"), (connector(1), "/relay must be an object"),
            (connector(["protocols": []]), "/relay/protocols must have 1 to 1 elements"),
            (connector(["protocols": ["mysql"]]), "/relay/protocols/0 must be one of postgres"),
            (connector(["protocols": ["postgres"], "host": "x"]), "/relay/host is an unknown key"),
            (
                manifestJSON(["relay": ["protocols": ["postgres"]]]),
                "/relay must be left out: a check has no source"
            ),
        ]
        for (json, expected) in cases {
            let error = failure { _ = try parse(json) }
            #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
        }
    }

    @Test(arguments: ["/etc/passwd", "../x.so", "a/b.so", ".hidden", "", "a\0b"])
    func `may not name a file elsewhere`(file: String) {
        let artifact: JSON = [
            "platform": "linux-x86_64", "file": .string(file), "size": 1,
            "sha256": .string(String(repeating: "0", count: 64)),
        ]
        let error = failure { _ = try parse(manifestJSON(["artifacts": [artifact]])) }
        #expect(error?.message.contains("/artifacts/0/file must be a plain file name") == true)
    }

    @Test func `with a key that stands twice is refused`() {
        let text = #"{"id":"a","id":"b"}"#
        let error = failure { _ = try PluginManifest.parse(Array(text.utf8), name: "a.json") }
        #expect(error?.message.contains("a key stands twice") == true)
    }

    @Test func `lists every mistake at once`() {
        let error = failure { _ = try parse(manifestJSON(["id": "A", "kind": "x", "extra": 1])) }
        for pointer in ["/id ", "/kind ", "/extra "] { #expect(error?.message.contains(pointer) == true) }
    }

    @Test func `of a provider may name endpoints`() throws {
        let endpoint: JSON = ["host": "api.example.org", "port": 443, "methods": ["POST"], "max_bytes": 1_000_000]
        let manifest = try parse(
            manifestJSON([
                "kind": "provider", "egress": [endpoint], "data_access": ["sees": "masked prompts", "companions": []],
            ]))
        #expect(manifest.egress.first?.host == "api.example.org")
        #expect(manifest.egress.first?.maximumBytes == 1_000_000)
    }

    @Test(arguments: [
        ("authorization", true), ("x-api-key", true), ("api-key", true), ("transfer-encoding", false), ("te", false),
        ("expect", false), ("upgrade", false), ("content-type", false), ("proxy-authorization", false),
        ("host", false), ("cookie", false), ("x-forwarded-for", false),
    ])
    func `puts a secret into no header that changes what the request is`(header: String, isGood: Bool) {
        let endpoint: JSON = [
            "host": "api.example.org", "port": 443, "methods": ["POST"], "max_bytes": 1_000_000,
            "auth": ["header": .string(header), "secret": "secret:test"],
        ]
        let text = manifestJSON([
            "kind": "provider", "egress": [endpoint], "data_access": ["sees": "masked prompts", "companions": []],
        ])
        var error: (any Error)?
        do { _ = try parse(text) } catch let thrown { error = thrown }
        #expect((error == nil) == isGood, "\(String(describing: error))")
    }

    @Test func `without a file for this platform says which there are`() throws {
        let manifest = try parse(manifestJSON())
        let error = failure { _ = try manifest.artifact(platform: "linux-riscv64") }
        #expect(error?.detail == "plugin.platform" && error?.message.contains("linux-x86_64") == true)
    }

    @Test(arguments: [(1, 0, "/abi/major"), (0, 2, "/abi/minor"), (7, 9, "/abi/major")])
    func `of a later ABI is told as that, whatever else is in it`(major: Int, minor: Int, place: String) throws {
        let json = manifestJSON(["abi": ["major": JSON(major), "minor": JSON(minor)], "later": true, "id": 7])
        let error = failure { _ = try parse(json) }
        #expect(error?.detail == "plugin.abi" && error?.message.contains(place) == true)
        #expect(error?.message.contains("\(major).\(minor)") == true)
    }

    @Test func `may name its key and a report of the conformance suite`() throws {
        let digest = SHA256.hash([1])
        let manifest = try parse(
            manifestJSON([
                "key_id": .string(digest.hex),
                "conformance": ["suite_version": "1.0.0", "report_sha256": .string(digest.hex)],
            ]))
        #expect(manifest.keyID == digest && manifest.conformance?.reportSHA256 == digest)
        #expect(manifest.conformance?.suiteVersion == "1.0.0")
        let none = try parse(manifestJSON())
        #expect(none.keyID == nil && none.conformance == nil)
    }

    @Test func `with unknown keys and other mistakes tells them apart`() throws {
        let bytes = manifestJSON(["surprise": 1, "license": 7]).canonicalBytes
        let found = try PluginManifest.mistakes(bytes, name: "sample.json")
        #expect(found.unknownKeys == ["/surprise is an unknown key"])
        #expect(found.others.count == 1 && found.others.first?.hasPrefix("/license must be text") == true)
    }
}

@Suite struct `A plugin catalog` {
    @Test func `lists broken manifests beside good ones`() throws {
        let folder = "/tmp/sluice-catalog-\(Context.system.ulid())"
        try Files.makeFolder(folder)
        defer { removeTree(folder) }
        try Files.writeAtomically(manifestJSON(["id": "csv"]).canonicalBytes, to: folder + "/csv.json")
        try Files.writeAtomically(Array("{".utf8), to: folder + "/broken.json")
        try Files.writeAtomically(manifestJSON(["id": "other"]).canonicalBytes, to: folder + "/sqlite.json")
        try Files.writeAtomically(Array("x".utf8), to: folder + "/libX.so")
        let catalog = try PluginCatalog(folder: folder)
        #expect(catalog.entries.map(\.id) == ["broken", "csv", "sqlite"])
        #expect(catalog.plugins.map(\.manifest.id) == ["csv"])
        #expect(try catalog.plugin("csv").resourcesFolder == folder + "/resources")
        #expect(failure { _ = try catalog.plugin("broken") }?.detail == "plugin.manifest")
        #expect(failure { _ = try catalog.plugin("sqlite") }?.message.contains("/id must be the file's name") == true)
        let near = failure { _ = try catalog.plugin("cvs") }
        #expect(near?.detail == "plugin.missing")
        #expect(near?.hint.contains("Did you mean csv?") == true)
        #expect(failure { _ = try catalog.plugin("entirely-else") }?.hint.contains("Did you mean") == false)
        #expect(failure { _ = try catalog.plugin("csv", kind: .connector) }?.message.contains("is a check") == true)
    }

    @Test func `of a folder that is not there says what to do`() {
        #expect(failure { _ = try PluginCatalog(folder: "/nowhere") }?.detail == "plugin.missing")
    }
}

@Suite struct `Text of a plugin` {
    @Test func `is one clean short line`() {
        #expect(Redaction.line("a\u{1B}[31mb\u{202E}\nc\td") == "a[31mb c d")
        #expect(Redaction.line("card 4111111111111111 row 12345 of x123456y") == "card # row 12345 of x#y")
        #expect(Redaction.line("to ann@example.org!") == "to [address]")
        #expect(Redaction.line(String(repeating: "é", count: 40), limit: 11) == "éééé…")
        #expect(Redaction.line(String(repeating: "word ", count: 4000)).utf8.count <= 1024)
        #expect(Redaction.tail(Array(repeating: 0xFF, count: 9000)).utf8.count <= 2000)
        // The end is kept, from a whole word on: half a number would pass for a short one.
        let long = String(repeating: "4111111111111111 ", count: 300) + "the reason"
        #expect(Redaction.tail(Array(long.utf8)).hasSuffix("# the reason"))
        let cut = String(repeating: "x", count: 1990) + " 12345 the reason"
        #expect(Redaction.tail(Array(cut.utf8)) == "… 12345 the reason")
    }
}
