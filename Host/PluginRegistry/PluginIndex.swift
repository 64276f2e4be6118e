public import Foundations
public import PluginHost

/// `registry/plugins.json`: which plugins there are by id, and where their manifests lie.
public struct PluginIndex: Sendable {
    public struct Entry: Sendable {
        public let id: String
        public let publisher: String
        /// The path of a manifest, absolute; nil for a plugin that ships with the program.
        public let manifest: String?

        /// Holds the entry against the manifest that it leads to.
        ///
        /// - Throws: `registry.invalid` when that is another plugin's, or another publisher's.
        public func require(_ found: PluginManifest) throws(SluiceError) {
            guard found.id != id || found.publisher != publisher else { return }
            throw SluiceError(
                .registryInvalid,
                "The plugin index says that \(id) is of \(publisher); the manifest that it names is that of "
                    + "\(found.id) of \(found.publisher). Nothing was installed.",
                hint: "Correct the entry in the registry's plugins.json, or install by the path of the manifest.")
        }
    }

    public let entries: [Entry]

    /// - Throws: `registry.invalid` with every mistake by JSON pointer.
    public init(path: String) throws(SluiceError) {
        let bytes: [UInt8]
        do { bytes = try Files.read(path, limit: 16 << 20) } catch {
            throw SluiceError(.registryInvalid, "The plugin index \(path) cannot be read: \(error.reason).")
        }
        let document: JSON
        do { document = try JSONParser.parseBytes(bytes) } catch {
            throw SluiceError(
                .registryInvalid, "The plugin index \(path) is not valid JSON: \(error.reason) at byte \(error.offset)."
            )
        }
        let mistakes = MistakeList()
        let reader = JSONReader(document, mistakes: mistakes)
        _ = reader.text("index_version")
        var entries: [Entry] = []
        for entry in reader.objects("plugins") {
            let id = entry.text("id") ?? ""
            _ = entry.choice("kind", PluginManifest.Kind.self)
            let publisher = entry.text("publisher") ?? ""
            _ = entry.text("summary")
            let manifest = entry.text("manifest", required: false)
            entry.finish()
            if entries.contains(where: { $0.id == id }) { entry.mistake("id", "stands there twice") }
            entries.append(
                Entry(
                    id: id, publisher: publisher,
                    manifest: manifest.map { $0.hasPrefix("/") ? $0 : Files.folder(of: path) + "/" + $0 }))
        }
        reader.finish()
        try mistakes.raise(.registryInvalid, "The plugin index \(path)")
        self.entries = entries
    }

    public func entry(_ id: String) -> Entry? { entries.first { $0.id == id } }
}
