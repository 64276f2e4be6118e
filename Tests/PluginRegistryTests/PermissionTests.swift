import Foundations
import PluginHost
import Testing

@testable import PluginRegistry

@Suite struct `What a plugin asks for` {
    private func permissions(_ replaced: [String: JSON]) throws -> Permissions {
        var members: [String: JSON] = [
            "artifacts": [
                [
                    "platform": "linux-x86_64", "file": "a.so", "size": 1,
                    "sha256": .string(String(repeating: "ab", count: 32)),
                ]
            ]
        ]
        members.merge(replaced) { $1 }
        let bytes = Bench.template(members).canonicalBytes
        return Permissions(try PluginManifest.parse(bytes, name: "m"))
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
            "with the secret acme in the header authorization", "at most 1 MiB each way", "256 MiB of memory",
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
    }

    @Test func `another kind sees something else`() throws {
        let beyond = try provider([]).beyond(
            try permissions(["data_access": ["sees": "masked batches", "companions": []]]))
        #expect(beyond.map(\.permission) == ["kind", "sees"])
    }
}
