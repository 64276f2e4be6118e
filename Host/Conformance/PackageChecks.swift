internal import Foundations
internal import PluginHost
internal import PluginRegistry

extension ConformanceCheck {
    /// What can be told from the files alone, without calling the plugin.
    static let packageChecks: [ConformanceCheck] = [
        ConformanceCheck(
            .package, "schema", "The manifest is strict JSON with every member that it must have.",
            run: PackageCheck.schema),
        ConformanceCheck(
            .package, "unknown_keys", "The manifest has no key that no manifest has.", run: PackageCheck.unknownKeys),
        ConformanceCheck(.package, "size", "Every file is as long as the manifest says.", run: PackageCheck.size),
        ConformanceCheck(
            .package, "hash", "Every file has the SHA-256 that the manifest says.", run: PackageCheck.hash),
        ConformanceCheck(
            .package, "signature", "The signature beside the manifest is over its exact bytes.",
            run: PackageCheck.signature),
        ConformanceCheck(
            .package, "revoked_key", "The key that signed the manifest was not revoked.", run: PackageCheck.revokedKey),
        ConformanceCheck(
            .package, "platform", "Every library is for the platform that the manifest names for it.",
            run: PackageCheck.platform),
        ConformanceCheck(
            .package, "single_export", "The library exports sluice_plugin_entry and nothing else.",
            run: PackageCheck.singleExport),
        ConformanceCheck(
            .package, "rpath", "The library is not led to folders that others may write.", run: PackageCheck.searchPath),
        ConformanceCheck(
            .package, "undefined", "Every symbol that the library needs is in the libraries that it is loaded with.",
            run: PackageCheck.undefined),
        ConformanceCheck(
            .package, "executable_stack", "The library does not ask for an executable stack.",
            run: PackageCheck.executableStack),
        ConformanceCheck(
            .package, "id_match", "File name, manifest and library agree on id, version and kind.",
            run: PackageCheck.idMatch),
    ]
}

/// The checks of the group `package`.
private enum PackageCheck {
    private static let noManifest = Outcome.skipped("a library alone has no manifest")

    // MARK: The manifest

    static func schema(_ subject: Subject, _ seed: UInt64) throws(SluiceError) -> Outcome {
        guard let bytes = subject.manifestBytes else { return noManifest }
        let mistakes = try PluginManifest.mistakes(bytes, name: "manifest").others
        return mistakes.isEmpty ? .passed : .failed(mistakes.joined(separator: "; "))
    }

    static func unknownKeys(_ subject: Subject, _ seed: UInt64) throws(SluiceError) -> Outcome {
        guard let bytes = subject.manifestBytes else { return noManifest }
        let mistakes = try PluginManifest.mistakes(bytes, name: "manifest").unknownKeys
        return mistakes.isEmpty ? .passed : .failed(mistakes.joined(separator: "; "))
    }

    // MARK: The files

    private struct File {
        let name: String
        let path: String
        let size: Int
        let sha256: SHA256.Digest
        /// Of another platform, which may lie elsewhere.
        let mayBeAbsent: Bool
    }

    private static func files(_ subject: Subject) -> [File] {
        let plugin = subject.plugin
        return plugin.manifest.artifacts.map {
            File(
                name: $0.file, path: plugin.folder + "/" + $0.file, size: $0.size, sha256: $0.sha256,
                mayBeAbsent: $0.platform != PluginManifest.hostPlatform)
        }
            + plugin.manifest.resources.map {
                File(
                    name: $0.file, path: plugin.resourcesFolder + "/" + $0.file, size: $0.size, sha256: $0.sha256,
                    mayBeAbsent: false)
            }
    }

    /// What is wrong with each file, by a rule; the first five.
    private static func files(
        _ subject: Subject, tellsMissing: Bool, _ fault: (File, [UInt8]) -> String?
    ) -> Outcome {
        guard subject.manifestBytes != nil else { return noManifest }
        var faults: [String] = []
        for file in files(subject) {
            let bytes: [UInt8]
            do { bytes = try Files.read(file.path) } catch {
                if tellsMissing, !file.mayBeAbsent { faults.append("\(file.name): \(error.reason)") }
                continue
            }
            if let fault = fault(file, bytes) { faults.append("\(file.name): \(fault)") }
        }
        return faults.isEmpty ? .passed : .failed(faults.prefix(5).joined(separator: "; "))
    }

    static func size(_ subject: Subject, _ seed: UInt64) -> Outcome {
        files(subject, tellsMissing: true) { file, bytes in
            bytes.count == file.size ? nil : "it has \(bytes.count) bytes, the manifest says \(file.size)"
        }
    }

    static func hash(_ subject: Subject, _ seed: UInt64) -> Outcome {
        files(subject, tellsMissing: false) { file, bytes in
            let found = SHA256.hash(bytes)
            return found == file.sha256 ? nil : "its SHA-256 is \(found.hex), the manifest says \(file.sha256.hex)"
        }
    }

    private static let machines: [String: UInt16] = ["linux-x86_64": 62, "linux-aarch64": 183]

    static func platform(_ subject: Subject, _ seed: UInt64) -> Outcome {
        guard subject.manifestBytes != nil else { return noManifest }
        var faults: [String] = []
        for artifact in subject.plugin.manifest.artifacts {
            guard let machine = machines[artifact.platform],
                let bytes = try? Files.read(subject.plugin.folder + "/" + artifact.file)
            else { continue }
            guard let found = LibraryFacts.machine(of: bytes) else {
                faults.append("\(artifact.file) is no ELF file")
                continue
            }
            if found != machine {
                faults.append("\(artifact.file) for \(artifact.platform) is for the machine \(found), not \(machine)")
            }
        }
        return faults.isEmpty ? .passed : .failed(faults.joined(separator: "; "))
    }

    // MARK: The signature

    /// The signature beside the manifest; nil when there is none.
    private static func signature(of subject: Subject) throws(SluiceError) -> ManifestSignature? {
        guard let path = subject.manifestPath.map({ $0 + ManifestSignature.suffix }) else { return nil }
        let bytes: [UInt8]
        do { bytes = try Files.readPlain(path, limit: 4096) } catch {
            guard Files.exists(path) else { return nil }
            throw SluiceError(.pluginSignature, "The signature cannot be read: \(error.reason).")
        }
        return try ManifestSignature(bytes, name: Files.name(of: path))
    }

    static func signature(_ subject: Subject, _ seed: UInt64) throws(SluiceError) -> Outcome {
        guard let bytes = subject.manifestBytes else { return noManifest }
        do throws(SluiceError) {
            guard let signature = try signature(of: subject) else {
                return .warning("it is not signed: nobody can install it before `sluice plugin sign`")
            }
            try signature.require(over: bytes, of: subject.plugin.manifest)
            return .passed
        } catch { return .failed(subject.fileWords(error)) }
    }

    static func revokedKey(_ subject: Subject, _ seed: UInt64) throws(SluiceError) -> Outcome {
        guard subject.manifestBytes != nil else { return noManifest }
        // One that is malformed is the check `signature`'s.
        guard let signature = try? signature(of: subject) else { return .skipped("there is no signature to look at") }
        guard !subject.keyLists.isEmpty else { return .skipped("no list of keys was given") }
        for path in subject.keyLists {
            let list = try KeyList.read(path, mayBeAbsent: true)
            guard let key = list.keys.first(where: { $0.key == signature.key && $0.status == .revoked }) else {
                continue
            }
            return .failed(
                "the key \(signature.key) was revoked at \(key.since)" + (key.reason.map { ": \($0)" } ?? ""))
        }
        return .passed
    }

    // MARK: The library

    private static func image(_ subject: Subject) throws(SluiceError) -> [UInt8] {
        do { return try Files.read(try subject.libraryPath()) } catch let error as SluiceError { throw error } catch {
            throw SluiceError(.pluginLibraryFile, "The library cannot be read.")
        }
    }

    /// What the library says of itself; the outcome to give when it is none.
    private static func facts(
        _ subject: Subject, _ judge: (LibraryFacts) throws(SluiceError) -> Outcome
    ) throws(SluiceError) -> Outcome {
        let facts: LibraryFacts
        do throws(SluiceError) { facts = try LibraryFacts(try image(subject), name: "the library") } catch {
            return .failed(subject.fileWords(error))
        }
        return try judge(facts)
    }

    static func singleExport(_ subject: Subject, _ seed: UInt64) throws(SluiceError) -> Outcome {
        let entry = "sluice_plugin_entry"
        return try facts(subject) { facts in
            let others = facts.exported.filter { $0 != entry }
            if !facts.exported.contains(entry) { return .failed("it does not export \(entry)") }
            if others.isEmpty { return .passed }
            return .failed("it also exports \(Self.listed(others)): link it with SDK/exports.map")
        }
    }

    static func searchPath(_ subject: Subject, _ seed: UInt64) throws(SluiceError) -> Outcome {
        try facts(subject) { facts in
            if !facts.rPath.isEmpty {
                return .failed("it has DT_RPATH (\(listed(facts.rPath))), which comes before every other search path")
            }
            let own = ["$ORIGIN", "${ORIGIN}"]
            let absolute = facts.runPath.filter { path in !own.contains { path == $0 || path.hasPrefix($0 + "/") } }
            let open = absolute.filter { path in
                !path.hasPrefix("/") || path.contains("/../")
                    || ["/tmp", "/var/tmp", "/dev/shm"].contains { path == $0 || path.hasPrefix($0 + "/") }
            }
            if !open.isEmpty { return .failed("DT_RUNPATH names \(listed(open)), where others may put a library") }
            if absolute.isEmpty { return .passed }
            return .warning("DT_RUNPATH names folders of the machine that it was built on: \(listed(absolute))")
        }
    }

    static func executableStack(_ subject: Subject, _ seed: UInt64) throws(SluiceError) -> Outcome {
        try facts(subject) { facts in
            facts.hasExecutableStack ? .failed("it asks for an executable stack: link it with -z noexecstack") : .passed
        }
    }

    static func undefined(_ subject: Subject, _ seed: UInt64) throws(SluiceError) -> Outcome {
        try facts(subject) { (facts) throws(SluiceError) in
            var there: Set<String> = Set(facts.exported)
            var versions: [String: Set<String>] = [:]
            do throws(SluiceError) {
                for library in try subject.plugin.libraries(of: try image(subject)) {
                    let its = try LibraryFacts(library)
                    there.formUnion(its.exported)
                    versions[library.name] = Set(its.definedVersions)
                }
            } catch { return .failed(subject.fileWords(error)) }
            let missing = facts.undefined.filter { !$0.isWeak && !there.contains($0.name) }.map(\.name)
            if !missing.isEmpty { return .failed("nothing that it is loaded with has \(listed(missing))") }
            let old = facts.neededVersions.filter { needed in
                guard let defined = versions[needed.library], !defined.isEmpty else { return false }
                return !defined.contains(needed.version)
            }
            if old.isEmpty { return .passed }
            return .failed("it needs \(listed(old.map { "\($0.version) of \($0.library)" })), which is not there")
        }
    }

    static func idMatch(_ subject: Subject, _ seed: UInt64) throws(SluiceError) -> Outcome {
        guard let path = subject.manifestPath else { return noManifest }
        let manifest = subject.plugin.manifest
        var faults: [String] = []
        if Files.name(of: path) != manifest.id + ".json" {
            faults.append("the manifest's file is \(Files.name(of: path)), its id \(manifest.id)")
        }
        let asked: PluginManifest
        do throws(SluiceError) {
            asked = try InstalledPlugin.asked(library: try subject.libraryPath(), settings: subject.settings).plugin
                .manifest
        } catch {
            return faults.isEmpty
                ? .skipped("the library does not load: \(subject.words(error))")
                : .failed(faults.joined(separator: "; "))
        }
        for (name, said, written) in [
            ("id", asked.id, manifest.id), ("version", asked.version, manifest.version),
            ("kind", asked.kind.rawValue, manifest.kind.rawValue),
        ] where said != written {
            faults.append("the library says that its \(name) is \(said), the manifest says \(written)")
        }
        return faults.isEmpty ? .passed : .failed(faults.joined(separator: "; "))
    }

    private static func listed(_ names: [String]) -> String {
        names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
    }
}
