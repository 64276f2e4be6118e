internal import Foundations
internal import PluginHost

/// What can be saved of a manifest with mistakes, so that the other checks find out about the rest of its plugin.
///
/// Members that are right are kept, the others get the value that says the least. `package.schema` and
/// `package.unknown_keys` tell of the mistakes; nothing is enabled on such a manifest.
enum LenientManifest {
    /// - Returns: the manifest with its text; of one without mistakes the exact bytes.
    /// - Throws: `plugin.manifest` for what is no JSON or names no artifact of a known size and hash; `plugin.abi`.
    static func parse(_ bytes: [UInt8], name: String) throws(SluiceError) -> (PluginManifest, text: [UInt8]) {
        do throws(SluiceError) { return (try PluginManifest.parse(bytes, name: name), bytes) } catch {
            guard error.detail == ErrorKind.pluginManifest.id,
                let members = (try? JSONParser.parseBytes(bytes))?.objectValue,
                let saved = save(members, name: name)
            else { throw error }
            return saved
        }
    }

    private static func save(_ members: [String: JSON], name: String) -> (PluginManifest, text: [UInt8])? {
        let kind = members["kind"]?.stringValue.flatMap(PluginManifest.Kind.init(rawValue:)) ?? .check
        var saved: [String: JSON] = [
            "manifest_version": 1, "id": "unknown", "version": "0.0.0", "kind": .string(kind.rawValue),
            "publisher": "unknown", "license": "unknown", "summary": "unknown", "abi": ["major": 0, "minor": 0],
            "artifacts": artifacts(members["artifacts"]), "resources": [], "extensions": [], "egress": [],
            "data_access": ["sees": .string(kind.sees), "companions": []],
            "limits": [
                "memory_bytes": 1_073_741_824, "cpu_s": 600, "wall_s": 60, "descriptors": 64, "threads": 16,
            ],
        ]
        func manifest(_ members: [String: JSON]) -> (PluginManifest, text: [UInt8])? {
            let text = JSON.object(members).canonicalBytes
            return (try? PluginManifest.parse(text, name: name)).map { ($0, text) }
        }
        guard var best = manifest(saved) else { return nil }
        for key in members.keys.sorted() where key != "artifacts" {
            var tried = saved
            tried[key] = members[key]
            if let better = manifest(tried) { (saved, best) = (tried, better) }
        }
        return best
    }

    /// Without what no artifact has.
    private static func artifacts(_ json: JSON?) -> JSON {
        .array(
            (json?.arrayValue ?? []).map { artifact in
                let members = artifact.objectValue ?? [:]
                return .object(members.filter { ["platform", "file", "size", "sha256"].contains($0.key) })
            })
    }
}
