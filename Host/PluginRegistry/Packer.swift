public import Foundations
internal import Glibc
public import PluginHost

/// Makes a package of a plugin's template and its files: sizes and hashes filled in, all in one folder.
///
/// The template is the manifest as JSON; of each artifact and resource `size` and `sha256` may be missing, and are
/// replaced when they are there, and so may the `platform` of an artifact, which is this one then.
public enum Packer {
    /// What was written.
    public struct Packed: Sendable {
        public let manifest: PluginManifest
        public let manifestPath: String
        /// Relative to the folder.
        public let files: [String]
    }

    /// - Parameters:
    ///   - template: its path; `conformance/` beside it is copied when it is there.
    ///   - libraries: where the artifacts lie; the template's folder when nil. Resources lie there, or below it in
    ///     `resources/`, or beside the template.
    ///   - folder: is made; one that an earlier pack of the same plugin made is replaced in one step.
    /// - Throws: `plugin.manifest` with every mistake by JSON pointer, `plugin.abi`, `plugin.library_file`, `plugin.link`,
    ///   `usage` for a folder that holds something else, `file.failed`. Then the folder is what it was.
    public static func pack(
        template: String, libraries: String? = nil, into folder: String, context: Context
    ) throws(SluiceError) -> Packed {
        let name = Files.name(of: template)
        let own = Files.folder(of: template)
        let text: [UInt8]
        do { text = try Files.read(template, limit: PluginPackage.manifestLimit) } catch {
            throw SluiceError(.pluginManifest, "The template \(template) cannot be read: \(error.reason).")
        }
        let document: JSON
        do { document = try JSONParser.parseBytes(text) } catch {
            throw SluiceError(
                .pluginManifest, "The template \(name) is not valid JSON: \(error.reason) at byte \(error.offset).")
        }
        guard case .object(var members) = document else {
            throw SluiceError(.pluginManifest, "The template \(name) is malformed: the document must be an object.")
        }
        let mistakes = MistakeList()
        let places = [libraries ?? own]
        let artifacts = filled(members["artifacts"], "/artifacts", in: places, mistakes) { entry in
            if entry["platform"] == nil { entry["platform"] = .string(PluginManifest.hostPlatform) }
        }
        let resources = filled(
            members["resources"], "/resources",
            in: places + places.map { $0 + "/resources" } + [own, own + "/resources"],
            mistakes
        ) { _ in }
        try mistakes.raise(.pluginManifest, "The template \(name)")
        members["artifacts"] = artifacts.json
        members["resources"] = resources.json
        let bytes = PrettyJSON.bytes(.object(members), order: Self.order)
        let manifest = try PluginManifest.parse(bytes, name: name)
        if let here = manifest.artifacts.first(where: { $0.platform == PluginManifest.hostPlatform }),
            let image = artifacts.files.first(where: { $0.path == here.file }),
            let fault = LibraryFacts.fault(image.bytes)
        {
            throw SluiceError(.pluginLibraryFile, "The file \(here.file) is no library: \(fault).")
        }
        let conformance: [FolderTree.File]
        do {
            conformance = try FolderTree.read(own + "/conformance", files: 1000, bytes: 64 << 20)
                .map { FolderTree.File(path: "conformance/" + $0.path, bytes: $0.bytes) }
        } catch {
            if error.isLink { throw PluginPackage.link(error.path) }
            throw error.asError
        }
        try requireApart(folder, [template, own + "/conformance"] + artifacts.sources + resources.sources)
        let files =
            [FolderTree.File(path: manifest.id + ".json", bytes: bytes)] + artifacts.files
            + resources.files.map { FolderTree.File(path: "resources/" + $0.path, bytes: $0.bytes) } + conformance
        try write(unique(files), to: folder, id: manifest.id, context: context)
        return Packed(
            manifest: manifest, manifestPath: "\(folder)/\(manifest.id).json", files: files.map(\.path).sorted())
    }

    /// The members of a manifest as a person reads them.
    private static let order = [
        "manifest_version", "id", "version", "kind", "language", "publisher", "license", "summary", "key_id", "abi",
        "major", "minor", "artifacts", "platform", "name", "file", "size", "sha256", "resources", "extensions",
        "egress", "data_access", "relay", "limits",
    ]

    /// One file may be named twice, by two platforms.
    private static func unique(_ files: [FolderTree.File]) -> [FolderTree.File] {
        var seen: Set<String> = []
        return files.filter { seen.insert($0.path).inserted }
    }

    /// Entries with size and hash of the files that they name, and those files. What is no object is left for the
    /// manifest's own parser.
    private static func filled(
        _ json: JSON?, _ pointer: String, in places: [String], _ mistakes: MistakeList,
        complete: (inout [String: JSON]) -> Void
    ) -> (json: JSON?, files: [FolderTree.File], sources: [String]) {
        guard let elements = json?.arrayValue else { return (json, [], []) }
        var files: [FolderTree.File] = []
        var sources: [String] = []
        let entries = elements.enumerated().map { index, element -> JSON in
            guard case .object(var entry) = element, let file = entry["file"]?.stringValue, !file.contains("/"),
                !file.hasPrefix(".")
            else { return element }
            complete(&entry)
            let paths = places.map { $0 + "/" + file }
            do throws(Files.Failure) {
                let path = paths.first(where: Files.exists) ?? paths[0]
                // A build folder may well hold links: what they lead to is what is packed.
                let bytes = try Files.read(path, limit: 1 << 30)
                entry["size"] = JSON(bytes.count)
                entry["sha256"] = .string(SHA256.hash(bytes).hex)
                files.append(FolderTree.File(path: file, bytes: bytes))
                sources.append(path)
            } catch { mistakes.add("\(pointer)/\(index)/file", "\(error.path) cannot be read: \(error.reason)") }
            return .object(entry)
        }
        return (.array(entries), files, sources)
    }

    /// All of a folder, or what was there before.
    private static func write(
        _ files: [FolderTree.File], to folder: String, id: String, context: Context
    ) throws(SluiceError) {
        try requireOwn(folder, id: id, next: Set(files.map(\.path)))
        let plain = folder.hasSuffix("/") && folder != "/" ? String(folder.dropLast()) : folder
        let temporary = "\(plain).\(Hex.encode(context.random(4))).tmp"
        do throws(Files.Failure) {
            try Files.makeFolder(temporary, mode: 0o755)
            try FolderTree.write(files, to: temporary, mode: 0o644)
            try FolderTree.place(temporary, at: plain)
        } catch {
            FolderTree.remove(temporary)
            throw error.asError
        }
    }

    /// What a package is made of does not lie in the folder that is replaced.
    private static func requireApart(_ folder: String, _ sources: [String]) throws(SluiceError) {
        guard let out = Files.resolved(folder) else { return }
        for source in sources {
            // As it is named, and what a link leads to.
            let named = Files.resolved(Files.folder(of: source)).map { $0 + "/" }
            let real = Files.resolved(source).map { $0 + "/" }
            guard [named, real].allSatisfy({ $0?.hasPrefix(out == "/" ? out : out + "/") != true }) else {
                throw SluiceError(
                    .usage, "\(folder) holds \(source), of which the package is made; it was left as it is.",
                    hint: "Name another folder with --out.")
            }
        }
    }

    /// A folder with anything in it that an earlier pack of this plugin did not write is not replaced.
    ///
    /// - Parameter next: the paths of the new package; the earlier manifest says nothing of `conformance/`.
    private static func requireOwn(_ folder: String, id: String, next: Set<String>) throws(SluiceError) {
        guard Files.exists(folder) else { return }
        func refusal(_ what: String) -> SluiceError {
            SluiceError(
                .usage, "\(folder) holds \(what); it was left as it is.",
                hint: "Name another folder with --out, or remove this one yourself.")
        }
        let tree: [FolderTree.File]
        do {
            if try Files.list(folder).isEmpty { return }
            tree = try FolderTree.read(folder, files: 2000, bytes: 8 << 30)
        } catch { throw refusal("what cannot be read (\(error.path): \(error.reason))") }
        let name = id + ".json"
        var known: [String: SHA256.Digest?] = [name: nil, name + ManifestSignature.suffix: nil]
        let other = "something else than a package of \(id)"
        guard let bytes = tree.first(where: { $0.path == name })?.bytes,
            let old = try? PluginManifest.parse(bytes, name: name), old.id == id
        else { throw refusal(other) }
        for artifact in old.artifacts { known[artifact.file] = artifact.sha256 }
        for resource in old.resources { known["resources/" + resource.file] = resource.sha256 }
        for file in tree {
            if file.path.hasPrefix("conformance/"), next.contains(file.path) { continue }
            guard let digest = known[file.path] else { throw refusal("\(file.path), and so \(other)") }
            if let digest, SHA256.hash(file.bytes) != digest {
                throw refusal("\(file.path), which is not the file that was packed there")
            }
        }
    }
}
