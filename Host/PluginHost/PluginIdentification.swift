internal import CSystem
public import Foundations

/// What a library without a manifest says that it is.
public struct PluginSelfDescription: Sendable, Equatable {
    public let id: String
    public let version: String
    public let kind: PluginManifest.Kind
    public let abiMajor: UInt32
    public let abiMinor: UInt32
    /// What its file looks like to be written in; the sandbox's list of system calls goes by it.
    public let language: PluginLanguage
}

extension PluginManifest {
    /// A manifest for a library that has none: everything that a plugin of its kind may ask for, and no endpoint.
    ///
    /// It is for looking at a library, never for a run: nobody granted what stands in it.
    /// - Throws: `plugin.manifest` for an id, a version or a file's name that no manifest may have.
    public static func widest(
        _ description: PluginSelfDescription, file: String, size: Int, sha256: SHA256.Digest
    ) throws(SluiceError) -> (manifest: PluginManifest, bytes: [UInt8]) {
        let kind = description.kind
        let document: JSON = [
            "manifest_version": 1, "id": .string(description.id), "version": .string(description.version),
            "kind": .string(kind.rawValue), "publisher": "unknown", "license": "unknown",
            "summary": "a library without a manifest", "language": .string(description.language.rawValue),
            "abi": ["major": .int(Int64(description.abiMajor)), "minor": .int(Int64(description.abiMinor))],
            "artifacts": [
                [
                    "platform": .string(hostPlatform), "file": .string(file), "size": JSON(size),
                    "sha256": .string(sha256.hex),
                ]
            ],
            "resources": [], "extensions": [], "egress": [],
            "data_access": [
                "sees": .string(kind.sees), "companions": kind == .check ? JSON(knownCompanions) : [],
            ],
            "limits": [
                "memory_bytes": 4_294_967_296, "cpu_s": 3600, "wall_s": 60, "descriptors": 256, "threads": 64,
            ],
        ]
        let bytes = document.canonicalBytes
        return (try parse(bytes, name: file + " (made up)"), bytes)
    }
}

extension InstalledPlugin {
    /// A plugin by its library alone, which is asked inside a sandbox what it is.
    ///
    /// - Parameter path: of the library; its file must have a plain name.
    /// - Returns: the plugin with a manifest of the widest limits, and that manifest's bytes.
    /// - Throws: `plugin.missing` when there is no such file, `usage` for a folder or a file whose name no manifest may
    ///   have, `plugin.load` for what is no shared library of this machine or does not load, and what starting a runner
    ///   throws.
    public static func asked(
        library path: String, settings: RunnerSettings
    ) throws(SluiceError) -> (plugin: InstalledPlugin, manifest: [UInt8]) {
        guard !Files.isDirectory(path) else {
            throw SluiceError(
                .usage, "\(path) is a folder.", hint: "Name the plugin's manifest (.json) or its library (.so).")
        }
        let bytes: [UInt8]
        do { bytes = try Files.read(path) } catch {
            throw SluiceError(
                .pluginMissing, "The library \(path) cannot be read: \(error.reason).",
                hint: "Check the path, or name an installed plugin: `sluice plugin list`.")
        }
        do { _ = try ELFImage(bytes) } catch {
            throw SluiceError(
                .pluginLoad, "\(path) is no shared library of this machine: \(error.text).",
                hint: "Name the .so that your build made for this platform.")
        }
        let language = PluginLanguage.guess(bytes)
        let folder = Files.folder(of: path)
        let file = Files.name(of: path)
        func installed(_ description: PluginSelfDescription) throws(SluiceError) -> (InstalledPlugin, [UInt8]) {
            let made = try PluginManifest.widest(
                description, file: file, size: bytes.count, sha256: SHA256.hash(bytes))
            let plugin = InstalledPlugin(
                manifest: made.manifest, manifestPath: path + ".json", folder: folder,
                resourcesFolder: folder + "/resources")
            return (plugin, made.bytes)
        }
        guard PluginManifest.isFileName(file) else {
            throw SluiceError(
                .usage, "A plugin's library has a name of letters, digits and `._+-`, not \(Redaction.line(file)).",
                hint: "Rename the file.")
        }
        let unknown = PluginSelfDescription(
            id: "unknown", version: "0.0.0", kind: .check, abiMajor: PluginManifest.hostABI.major,
            abiMinor: PluginManifest.hostABI.minor, language: language)
        let process = try PluginProcess(
            loading: try installed(unknown).0, hasWayOut: false, asks: true, settings: settings)
        defer { process.stop() }
        guard let asked = process.asked, let kind = PluginManifest.Kind(abiValue: asked.kind) else {
            throw SluiceError(.pluginLoad, "The library \(file) says that it is of a kind that there is not.")
        }
        return try installed(
            PluginSelfDescription(
                id: String(decoding: asked.id, as: UTF8.self), version: String(decoding: asked.version, as: UTF8.self),
                kind: kind, abiMajor: asked.abiMajor, abiMinor: asked.abiMinor, language: language))
    }
}

extension PluginManifest.Kind {
    /// By `sluice_kind`; nil for a number that is none.
    init?(abiValue: Int32) {
        guard let kind = PluginManifest.Kind.allCases.first(where: { $0.abiValue == abiValue }) else { return nil }
        self = kind
    }
}

extension PluginLanguage {
    /// What a library is written in, by what its compiler leaves in it; `c` when nothing tells.
    static func guess(_ image: [UInt8]) -> PluginLanguage {
        func holds(_ mark: String) -> Bool {
            let mark = Array(mark.utf8)
            return image.withUnsafeBytes { image in
                mark.withUnsafeBytes {
                    csystem_find(image.baseAddress, image.count, $0.baseAddress, $0.count) != nil
                }
            }
        }
        if holds("libswiftCore.so") { return .swift }
        if holds("\u{FF} Go buildinf") || holds("Go build ID: ") { return .go }
        if holds("rust_begin_unwind") || holds("/rustc/") || holds("rust_panic") { return .rust }
        return holds("libstdc++.so") || holds("libc++.so") ? .cxx : .c
    }
}
