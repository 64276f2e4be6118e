import Foundations
import Testing

@testable import PluginHost
@testable import PluginRegistry

@Suite struct `What a plugin asks for` {
    private func permissions(_ replaced: [String: JSON]) throws -> Permissions {
        Permissions(try PluginManifest.parse(Self.manifest(replaced).canonicalBytes, name: "m"))
    }

    private static func manifest(_ replaced: [String: JSON]) -> JSON {
        var members: [String: JSON] = [
            "artifacts": [
                [
                    "platform": "linux-x86_64", "file": "a.so", "size": 1,
                    "sha256": .string(String(repeating: "ab", count: 32)),
                ]
            ]
        ]
        members.merge(replaced) { $1 }
        return Bench.template(members)
    }

    private func provider(_ egress: JSON) throws -> Permissions {
        try permissions([
            "kind": "provider", "data_access": ["sees": "masked prompts", "companions": []], "egress": egress,
        ])
    }

    private static func endpoint(_ replaced: [String: JSON] = [:]) -> JSON {
        var members: [String: JSON] = [
            "name": "api", "host": "api.acme.example", "port": 443, "methods": ["POST"], "path_prefix": "/v1",
            "max_bytes": 1_048_576, "auth": ["header": "authorization", "scheme": "Bearer", "secret": "secret:acme"],
        ]
        for (key, value) in replaced {
            if value == .null { members.removeValue(forKey: key) } else { members[key] = value }
        }
        return .object(members)
    }

    @Test func `is said in plain words`() throws {
        let words = try provider([Self.endpoint()]).words.joined(separator: "\n")
        for part in [
            "provider", "masked prompts, never an unmasked personal value", "https://api.acme.example:443/v1 (POST)",
            "with the secret acme in the header authorization behind the word Bearer", "at most 1 MiB each way",
            "256 MiB of memory",
            "60 s of processor time", "30 s for a call", "system calls of a program in c",
        ] {
            #expect(words.contains(part), "\(part)")
        }
        let check = try permissions([:]).words.joined(separator: "\n")
        #expect(check.contains("It reaches no network.") && check.contains("it also gets: key"))
    }

    @Test func `survives the lock as it is`() throws {
        let asked = try provider([Self.endpoint(), Self.endpoint(["name": "b", "path_prefix": "/v2", "auth": .null])])
        let mistakes = MistakeList()
        let read = Permissions(JSONReader(asked.json, mistakes: mistakes))
        #expect(mistakes.mistakes == [] && read == asked)
    }

    @Test(
        arguments: [
            (["data_access": ["sees": "masked batches", "companions": ["key", "shape"]]], "companions", "shape"),
            (["language": "swift"], "language", "swift"),
            (["extensions": ["acme.fast/1"]], "extensions", "acme.fast/1"),
            (
                ["limits": ["memory_bytes": 268_435_457, "cpu_s": 60, "wall_s": 30, "descriptors": 32, "threads": 4]],
                "limits", "memory_bytes"
            ),
            (
                ["limits": ["memory_bytes": 268_435_456, "cpu_s": 61, "wall_s": 30, "descriptors": 32, "threads": 4]],
                "limits", "cpu_s"
            ),
            (
                [
                    "limits": [
                        "memory_bytes": 268_435_456, "cpu_s": 60, "wall_s": 30.5, "descriptors": 32, "threads": 4,
                    ]
                ],
                "limits", "wall_s would go from 30 to 30.5"
            ),
            (
                ["limits": ["memory_bytes": 268_435_456, "cpu_s": 60, "wall_s": 30, "descriptors": 33, "threads": 4]],
                "limits", "descriptors"
            ),
            (
                ["limits": ["memory_bytes": 268_435_456, "cpu_s": 60, "wall_s": 30, "descriptors": 32, "threads": 5]],
                "limits", "threads"
            ),
        ] as [([String: JSON], String, String)])
    func `more is named, and the way back asks for nothing`(
        replaced: [String: JSON], permission: String, words: String
    ) throws {
        let (old, new) = (try permissions([:]), try permissions(replaced))
        let beyond = new.beyond(old)
        #expect(beyond.count == 1 && beyond.first?.permission == permission)
        #expect(beyond.first?.words.contains(words) == true, "\(beyond)")
        #expect(old.beyond(new) == [])
        #expect(new.beyond(new) == [])
    }

    @Test(
        arguments: [
            ([endpoint(["host": "evil.example"])], "https://evil.example:443"),
            ([endpoint(["port": 8443])], "https://api.acme.example:8443"),
            ([endpoint(["path_prefix": "/"])], "443/ (POST)"), ([endpoint(["path_prefix": "/v10"])], "/v10"),
            ([endpoint(["methods": ["POST", "DELETE"]])], "the methods DELETE"),
            ([endpoint(["max_bytes": 2_097_152])], "2 MiB instead of 1 MiB"),
            ([endpoint(["local": true])], "private network"),
            ([endpoint(["auth": ["header": "authorization", "secret": "secret:other"]])], "the secret other"),
            ([endpoint(["auth": ["header": "x-key", "secret": "secret:acme"]])], "the header x-key"),
            (
                [endpoint(["auth": ["header": "authorization", "scheme": "Basic", "secret": "secret:acme"]])],
                "behind the word Basic"
            ),
            ([endpoint(), endpoint(["name": "b", "host": "b.example"])], "https://b.example:443"),
        ] as [([JSON], String)])
    func `more on the network is named`(egress: [JSON], words: String) throws {
        let beyond = try provider(.array(egress)).beyond(try provider([Self.endpoint()]))
        #expect(beyond.count == 1 && beyond.first?.permission == "egress")
        #expect(beyond.first?.words.contains(words) == true, "\(beyond)")
    }

    @Test(
        arguments: [
            [], [endpoint()], [endpoint(["path_prefix": "/v1/chat"])], [endpoint(["max_bytes": 10])],
            [endpoint(["auth": .null])], [endpoint(["name": "another"])],
            [endpoint(["name": "a", "path_prefix": "/v1/a"]), endpoint(["name": "b", "path_prefix": "/v1/b"])],
        ] as [[JSON]])
    func `the same or less on the network goes through`(egress: [JSON]) throws {
        #expect(try provider(.array(egress)).beyond(try provider([Self.endpoint()])) == [])
    }

    @Test func `a relay is asked for again`() throws {
        let connector: [String: JSON] = [
            "kind": "connector", "data_access": ["sees": "own source", "companions": []],
        ]
        let old = try permissions(connector)
        let new = try permissions(connector.merging(["relay": ["protocols": ["postgres"]]]) { $1 })
        #expect(new.beyond(old).map(\.permission) == ["relay"] && old.beyond(new) == [])
        let reader = try permissions(
            connector.merging(["source": ["schemes": ["acme"], "stream": "file"]]) { $1 })
        #expect(reader.beyond(old).map(\.permission) == ["schemes"] && old.beyond(reader) == [])
        #expect(reader.words.contains("It reads the sources that a run names by acme:."))
        let blind = try permissions(
            connector.merging(["source": ["schemes": ["acme"], "stream": "file", "metadata": "none"]]) { $1 })
        #expect(blind.beyond(reader).map(\.permission) == ["metadata"] && reader.beyond(blind) == [])
        #expect(blind.words.contains { $0.contains("metadata_only") })
        let mistakes = MistakeList()
        let read = Permissions(JSONReader(blind.json, mistakes: mistakes))
        #expect(mistakes.mistakes == [] && read == blind)
    }

    @Test func `and the place of a plugin that ships, which no manifest says, must be granted as well`() throws {
        let manifest = try PluginManifest.parse(Self.manifest([:]).canonicalBytes, name: "m")
        let (plain, over) = (Permissions(manifest), Permissions(manifest, takesPlace: true))
        #expect(over.beyond(plain).map(\.permission) == ["takes_place"] && plain.beyond(over) == [])
        #expect(over.words.last?.contains("takes the place") == true && over.words.count == plain.words.count + 1)
        let mistakes = MistakeList()
        let read = Permissions(JSONReader(over.json, mistakes: mistakes))
        #expect(mistakes.mistakes == [] && read == over && plain.json["takes_place"] == nil)
    }

    /// What becomes of a key of manifests when an upgrade changes it.
    private enum Standing {
        /// Held against what was granted: this value asks for more.
        case compared(JSON)
        /// Grants nothing of its own.
        case not(because: String)
    }

    private static let whole = Standing.not(because: "its members stand here one by one")
    private static let words = Standing.not(because: "words for people")
    private static let bytes = Standing.not(because: "says what the bytes are, not what they may do")

    /// Every key that a manifest may have. A new one belongs here, and in `Permissions` if it lets a plugin do more.
    private static let standings: [String: Standing] = [
        "manifest_version": .not(because: "there is one"), "id": .not(because: "what is compared has one id"),
        "version": .not(because: "plugin.downgrade"), "kind": .compared("connector"),
        "publisher": .not(because: "plugin.duplicate_id"), "license": words, "summary": words,
        "abi": .not(because: "held against the host's own"), "abi/major": .not(because: "the host's own"),
        "abi/minor": .not(because: "not above the host's own"), "artifacts": bytes, "artifacts/*/platform": bytes,
        "artifacts/*/file": bytes, "artifacts/*/size": bytes, "artifacts/*/sha256": bytes, "resources": bytes,
        "resources/*/name": bytes, "resources/*/file": bytes, "resources/*/size": bytes, "resources/*/sha256": bytes,
        "extensions": .compared(["acme.fast/1"]), "egress": whole,
        "egress/*/name": .not(because: "a name of the plugin's own for the place"),
        "egress/*/host": .compared("evil.example"), "egress/*/port": .compared(8443),
        "egress/*/methods": .compared(["DELETE"]), "egress/*/max_bytes": .compared(2_097_152),
        "egress/*/scheme": .compared("http"), "egress/*/path_prefix": .compared("/v2"),
        "egress/*/local": .compared(true), "egress/*/auth": whole, "egress/*/auth/header": .compared("x-key"),
        "egress/*/auth/secret": .compared("secret:other"), "egress/*/auth/scheme": .compared("Basic"),
        "egress/*/auth/optional": .not(because: "a secret is left out, and no other is sent"),
        "egress/*/configurable": .not(because: "where it points to is said by the Policy Manifest, and asked there"),
        "data_access": whole, "data_access/sees": .not(because: "each kind has one"),
        "data_access/companions": .compared(["shape"]), "limits": whole,
        "limits/memory_bytes": .compared(1_073_741_824), "limits/cpu_s": .compared(61),
        "limits/wall_s": .compared(31), "limits/descriptors": .compared(33), "limits/threads": .compared(5),
        "language": .compared("swift"), "relay": whole, "relay/protocols": .compared(["postgres"]), "source": whole,
        "source/schemes": .compared(["acme"]), "source/stream": .not(because: "file is the one that there is"),
        "source/metadata": .compared("none"),
        "key_id": .not(because: "another key is asked for as such: InstallPlan.beyond"), "conformance": whole,
        "conformance/suite_version": words, "conformance/report_sha256": words,
    ]

    /// A manifest with an object wherever one may stand; no kind may have all of it, and nobody parses it.
    private static var fullest: JSON {
        let file: JSON = ["platform": "linux-x86_64", "name": "a", "file": "a", "size": 1, "sha256": "x"]
        return manifest([
            "artifacts": [file], "resources": [file], "egress": [endpoint()], "relay": ["protocols": []],
            "source": ["schemes": ["old"], "stream": "file"],
            "conformance": ["suite_version": "1.0.0", "report_sha256": "x"],
        ])
    }

    @Test func `is known of every key that a manifest may have`() {
        let mistakes = Mistakes()
        _ = PluginManifest.read(ManifestNode(Self.fullest, at: "", mistakes), hash: SHA256.hash([]))
        let known = mistakes.known.map { pointer in
            pointer.split(separator: "/").map { Int($0) == nil ? String($0) : "*" }.joined(separator: "/")
        }
        #expect(known.sorted() == Self.standings.keys.sorted())
    }

    /// Sets what a path such as `egress/*/port` leads to; a star is the first element.
    private static func setting(_ path: ArraySlice<Substring>, in json: JSON, to value: JSON) -> JSON {
        guard let step = path.first else { return value }
        if step == "*" { return .array([setting(path.dropFirst(), in: json.arrayValue?.first ?? [:], to: value)]) }
        var members = json.objectValue ?? [:]
        members[String(step)] = setting(path.dropFirst(), in: members[String(step)] ?? [:], to: value)
        return .object(members)
    }

    private static func unchecked(_ manifest: JSON) -> Permissions {
        Permissions(PluginManifest.read(ManifestNode(manifest, at: "", Mistakes()), hash: SHA256.hash([])))
    }

    @Test(arguments: standings.keys.sorted())
    func `is held against the grant for each key that lets it do more`(key: String) throws {
        guard case .compared(let more)? = Self.standings[key] else { return }
        // What a kind may have is not what is asked here: mistakes of that sort are left to other tests.
        let base = Self.manifest(["egress": [Self.endpoint()], "source": ["schemes": ["old"], "stream": "file"]])
        let changed = Self.setting(key.split(separator: "/")[...], in: base, to: more)
        let (old, new) = (Self.unchecked(base), Self.unchecked(changed))
        let beyond = new.beyond(old)
        #expect(!beyond.isEmpty, "\(key)")
    }

    @Test func `another kind sees something else`() throws {
        let beyond = try provider([]).beyond(
            try permissions(["data_access": ["sees": "masked batches", "companions": []]]))
        #expect(beyond.map(\.permission) == ["kind", "sees"])
    }
}
