internal import Foundations
internal import Glibc

/// Every shared library that a plugin needs, directly or through others: found as the loader would find it.
///
/// The private root of a runner holds these and no others, so what is missing here is missing there.
struct LibraryClosure {
    /// Breadth first, as the loader maps them.
    private(set) var libraries: [PinnedLibrary] = []
    /// The same, each behind those that it needs; two that need each other as they were met.
    ///
    /// The runner opens them so: a library that comes by itself looks for its symbols in itself and in those that it needs,
    /// not in every library of the plugin.
    private(set) var dependenciesFirst: [PinnedLibrary] = []
    private let plugin: InstalledPlugin
    private let search: LibrarySearch
    private var byName: [String: PinnedLibrary] = [:]
    /// What each library needs, by its name.
    private var needs: [String: [String]] = [:]
    /// The folder of the first library of a Swift run time, and that library's path.
    private var swift: (folder: String, path: String)?
    /// Libraries of a Swift run time that were looked at already; each is asked for by many others.
    private var remembered: Set<PinnedLibrary> = []
    /// What folders are called without links.
    private var realFolders: [String: String] = [:]
    /// What was looked for already: the libraries of a run time ask for one another many times over.
    private var answers: [Question: (library: PinnedLibrary, image: ELFImage)] = [:]

    private struct Question: Hashable {
        let needed: String
        let origin: Origin
    }

    /// The folders that libraries with one search path in one folder name.
    private var own: [Origin: [String]] = [:]

    private struct Origin: Hashable {
        let searchPath: [String]
        let folder: String
    }

    static let mostLibraries = 256

    /// - Parameter image: the bytes of the plugin's library. What is no ELF file at all is left to the loader's words.
    /// - Throws: `plugin.library` for a library that is missing, malformed or not what it was, and for two Swift run
    ///   times; `plugin.load` for a plugin that is malformed.
    static func resolve(
        _ plugin: InstalledPlugin, image: [UInt8], search: LibrarySearch
    ) throws(SluiceError) -> LibraryClosure {
        var closure = LibraryClosure(plugin: plugin, search: search)
        let root: ELFImage
        do { root = try ELFImage(image) } catch {
            if error == .notELF { return closure }
            throw SluiceError(.pluginLoad, "The plugin \(plugin.manifest.id) cannot be loaded: \(error.text).")
        }
        try closure.walk(root)
        closure.order(root)
        for library in closure.libraries where LibraryPins.shared.isChanged(library) {
            throw SluiceError(
                .pluginLibrary,
                "The library \(library.path) has other bytes than when this process first used it.",
                hint: "Start sluice again, if the library was upgraded on purpose.")
        }
        if let pins = plugin.pins { try pins.require(closure.libraries, of: plugin.manifest.id) }
        LibraryPins.shared.pin(closure.libraries)
        return closure
    }

    private init(plugin: InstalledPlugin, search: LibrarySearch) {
        self.plugin = plugin
        self.search = search
    }

    private mutating func order(_ root: ELFImage) {
        var met: Set<String> = []
        func visit(_ name: String) {
            guard let library = byName[name], met.insert(name).inserted else { return }
            for needed in needs[name] ?? [] { visit(needed) }
            dependenciesFirst.append(library)
        }
        for name in root.needed { visit(name) }
    }

    private mutating func walk(_ root: ELFImage) throws(SluiceError) {
        var waiting = [(image: root, folder: plugin.folder, name: "the plugin")]
        var next = 0
        while next < waiting.count {
            let (image, folder, name) = waiting[next]
            next += 1
            for needed in image.needed {
                let found = try find(needed, for: image, in: folder, needing: name)
                guard let found else { continue }
                waiting.append((found.image, Files.folder(of: found.path), needed))
                needs[needed] = found.image.needed
            }
        }
    }

    /// A library that is new, or nil for one that is there already.
    private mutating func find(
        _ needed: String, for image: ELFImage, in folder: String, needing name: String
    ) throws(SluiceError) -> (image: ELFImage, path: String)? {
        guard !needed.contains("/"), needed != ".", needed != ".." else {
            throw fault(
                "\(name) names the library \(Redaction.line(needed, limit: 200)) by its path.",
                hint: "Link it by name (-l), with a DT_SONAME without folders.")
        }
        // The first of a name is the one that is loaded. A Swift run time is looked for again: a second one would be
        // mapped under the names of the first.
        if byName[needed] != nil, !Self.isSwift(needed) { return nil }
        guard let candidate = try first(needed, for: image, in: folder) else {
            throw fault(
                "\(name) needs the library \(Redaction.line(needed, limit: 200)), which is in none of the folders "
                    + "where libraries are looked for (\(folders.joined(separator: ", "))).",
                hint: LibraryAdvice.install(needed))
        }
        if Self.isSwift(needed) { try remember(candidate.library) }
        if byName[needed] != nil { return nil }
        guard libraries.count < Self.mostLibraries else {
            throw fault("it needs more than \(Self.mostLibraries) libraries.", hint: nil)
        }
        libraries.append(candidate.library)
        byName[needed] = candidate.library
        return (candidate.image, candidate.library.path)
    }

    private var folders: [String] { search.system + search.installation + [plugin.folder] }

    private mutating func first(
        _ needed: String, for image: ELFImage, in folder: String
    ) throws(SluiceError) -> (library: PinnedLibrary, image: ELFImage)? {
        let origin = Origin(searchPath: image.searchPath, folder: folder)
        let question = Question(needed: needed, origin: origin)
        if let answer = answers[question] { return answer }
        let named: [String]
        if let known = own[origin] {
            named = known
        } else {
            named = image.searchPath.compactMap { search.folder($0, origin: folder, own: plugin.folder) }
            own[origin] = named
        }
        let answer = try look(for: needed, in: named + search.system + search.installation)
        answers[question] = answer
        return answer
    }

    private func look(
        for needed: String, in places: [String]
    ) throws(SluiceError) -> (library: PinnedLibrary, image: ELFImage)? {
        for place in places {
            let path = place + "/" + needed
            let number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            guard number >= 0 else { continue }
            defer { close(number) }
            var information = stat()
            guard fstat(number, &information) == 0 else { continue }
            let identity = FileIdentity(information)
            do throws(ELFImage.Fault) {
                let image = try LibraryPins.shared.image(identity, descriptor: number)
                return (PinnedLibrary(name: needed, path: path, identity: identity), image)
            } catch {
                // A library of another machine is passed over, as the loader does.
                if case .foreign = error { continue }
                throw fault("the library \(path) cannot be used: \(error.text).", hint: LibraryAdvice.install(needed))
            }
        }
        return nil
    }

    // MARK: The Swift run time

    /// Libraries that share one run time's inner layout and so must come from one build of it.
    static func isSwift(_ name: String) -> Bool {
        ["libswift", "libFoundation", "lib_Foundation"].contains { name.hasPrefix($0) }
    }

    private mutating func remember(_ library: PinnedLibrary) throws(SluiceError) {
        guard remembered.insert(library).inserted else { return }
        let folder = realFolder(Files.folder(of: library.path))
        guard let swift else {
            swift = (folder, library.path)
            return
        }
        guard folder != swift.folder else { return }
        // A link to the same file is the same run time.
        let real = Files.resolved(library.path).map(Files.folder(of:))
        guard real != swift.folder, isOther(library) else { return }
        throw fault(
            "it would be loaded with two Swift run times: \(swift.path) and \(library.path).",
            hint: "Build the plugin and its libraries with one Swift toolchain, and leave one run time on the machine.")
    }

    private mutating func realFolder(_ folder: String) -> String {
        if let known = realFolders[folder] { return known }
        let real = Files.resolved(folder) ?? folder
        realFolders[folder] = real
        return real
    }

    private func isOther(_ library: PinnedLibrary) -> Bool {
        guard let known = byName[library.name] else { return true }
        return known.identity != library.identity
    }

    private func fault(_ what: String, hint: String?) -> SluiceError {
        SluiceError(.pluginLibrary, "The plugin \(plugin.manifest.id) cannot be loaded: \(what)", hint: hint)
    }
}

/// What to do about a library that is not there.
enum LibraryAdvice {
    private static let known: [(prefix: String, advice: String)] = [
        ("libswift", "Install the Swift run time of this release's toolchain."),
        ("libFoundation", "Install the Swift run time of this release's toolchain, with Foundation."),
        ("lib_Foundation", "Install the Swift run time of this release's toolchain, with Foundation."),
        ("libdispatch", "Install the Swift run time of this release's toolchain."),
        ("libBlocksRuntime", "Install the Swift run time of this release's toolchain."),
        ("libsqlite3", "Install SQLite (Debian: libsqlite3-0, Fedora: sqlite-libs)."),
        ("libpq.", "Install the PostgreSQL client library (Debian: libpq5, Fedora: libpq)."),
        ("libarrow", "Install Apache Arrow C++ in the version that the plugin was built with."),
        ("libparquet", "Install Apache Arrow C++ with Parquet in the version that the plugin was built with."),
        ("libstdc++", "Install the C++ run time (Debian: libstdc++6, Fedora: libstdc++)."),
        ("libgcc_s", "Install the compiler's run time (Debian: libgcc-s1, Fedora: libgcc)."),
        ("libcrypto", "Install OpenSSL (Debian: libssl3, Fedora: openssl-libs)."),
        ("libssl", "Install OpenSSL (Debian: libssl3, Fedora: openssl-libs)."),
    ]

    static func install(_ name: String) -> String {
        known.first { name.hasPrefix($0.prefix) }?.advice
            ?? "Install the package that has it (Debian: apt-file search NAME, Fedora: dnf provides '*/NAME'), put it "
            + "beside the plugin, or run ldconfig."
    }
}
