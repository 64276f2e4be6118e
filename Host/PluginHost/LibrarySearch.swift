internal import Foundations
internal import Glibc

/// Where libraries may come from: what the machine's loader knows, and the installation's Swift run time.
///
/// A plugin's own search path names folders at its author's will. It is followed only into these folders and below
/// the plugin's own: else a plugin could have any file of the user's handed to it as a "library".
struct LibrarySearch: Sendable {
    /// The machine's own, in the loader's order: /etc/ld.so.conf, then its defaults.
    let system: [String]
    /// Looked through last.
    let installation: [String]
    private let trusted: Set<String>

    init(installation: [String], system: [String] = machineFolders) {
        self.system = system
        self.installation = installation
        let machine = system == Self.machineFolders ? Self.resolvedMachineFolders : Self.resolved(system)
        trusted = machine.union(Self.resolved(installation))
    }

    private static func resolved(_ folders: [String]) -> Set<String> {
        Set(folders.map { Files.resolved($0) ?? $0 })
    }

    private static let resolvedMachineFolders = resolved(machineFolders)

    /// The folders that an entry of a search path stands for, if it may be followed.
    ///
    /// - Parameters:
    ///   - origin: the folder of the library that has the entry.
    ///   - own: the folder of the plugin.
    func folder(_ entry: String, origin: String, own: String) -> String? {
        let path = entry.replacing("${ORIGIN}", with: origin).replacing("$ORIGIN", with: origin)
        guard path.hasPrefix("/"), !path.contains("$"), let real = Files.resolved(path) else { return nil }
        let home = Files.resolved(own) ?? own
        return trusted.contains(real) || real == home || real.hasPrefix(home + "/") ? path : nil
    }

    /// Read once: a change needs a new process, as it needs `ldconfig` for the loader.
    static let machineFolders: [String] = {
        var folders: [String] = []
        var real: Set<String> = []
        for folder in configured("/etc/ld.so.conf", depth: 0) + defaults + ownLibraryFolder() {
            guard let resolved = Files.resolved(folder), Files.isDirectory(resolved) else { continue }
            // /lib is /usr/lib on most machines: once is enough.
            if real.insert(resolved).inserted { folders.append(folder) }
        }
        return folders
    }()

    private static let defaults: [String] = {
        #if arch(arm64)
        let triplet = "aarch64-linux-gnu"
        #else
        let triplet = "x86_64-linux-gnu"
        #endif
        return ["/lib/\(triplet)", "/usr/lib/\(triplet)", "/lib64", "/usr/lib64", "/lib", "/usr/lib"]
    }()

    /// The folder of the C library that this program runs with, as where the loader looks on machines of another layout.
    private static func ownLibraryFolder() -> [String] {
        guard let maps = try? Files.read("/proc/self/maps") else { return [] }
        for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") {
            guard line.hasSuffix("/libc.so.6"), let start = line.firstIndex(of: "/") else { continue }
            return [Files.folder(of: String(line[start...]))]
        }
        return []
    }

    /// The folders of a loader configuration (ldconfig(8)): one a line, `include` with a pattern, `#` for comments.
    static func configured(_ path: String, depth: Int) -> [String] {
        guard depth < 8, let bytes = try? Files.read(path, limit: 1 << 20) else { return [] }
        var folders: [String] = []
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let text = line.prefix { $0 != "#" }
            let words = text.split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
            guard let first = words.first else { continue }
            if first == "include" {
                for pattern in words.dropFirst() {
                    let whole = pattern.hasPrefix("/") ? pattern : Files.folder(of: path) + "/" + pattern
                    for file in matches(whole) { folders += configured(file, depth: depth + 1) }
                }
            } else if first.hasPrefix("/") {
                folders.append(String(first.prefix { $0 != "=" }))
            }
        }
        return folders
    }

    private static func matches(_ pattern: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { index in found.gl_pathv[index].map { String(cString: $0) } }
    }
}
