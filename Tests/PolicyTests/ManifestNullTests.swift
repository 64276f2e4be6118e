import Contracts
import Foundations
import Testing

@Suite struct `A null in a Policy Manifest` {
    /// The paths of all members of objects.
    private static func paths(_ json: JSON, below path: [String] = []) -> [[String]] {
        (json.objectValue ?? [:]).sorted { $0.key < $1.key }.flatMap { key, value in
            [path + [key]] + paths(value, below: path + [key])
        }
    }

    @Test func `is a wrong form, whichever member it stands for`() throws {
        let manifest = try shippedManifest()
            .with(["description"], "a manifest with every member")
            .with(["egress", "local"], ["localhost"]).with(["egress", "ca_file"], "/etc/ca.pem")
            .with(["egress", "proxy"], "http://proxy.example.org:3128")
            .with(["egress", "secrets"], [:])
        _ = try PolicyManifest(manifest)
        let paths = Self.paths(manifest)
        #expect(paths.count > 80)
        for path in paths {
            do {
                _ = try PolicyManifest(manifest.with(path, .null))
                Issue.record("\(path.joined(separator: "/")) may be null")
            } catch { #expect(error.detail == "policy.manifest", "\(path)") }
        }
    }
}
