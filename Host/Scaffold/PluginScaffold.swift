public import Foundations
internal import Glibc

/// Makes the folder of a new plugin out of the SDK's templates; needs no home.
///
/// A template is a folder of the SDK, `templates/LANGUAGE/KIND`. In its texts and file names `@ID@`, `@NAME@`, `@MODULE@`,
/// `@SYMBOL@` and `@PUBLISHER@` are replaced; nothing else is, so that templates are whole programs themselves.
public struct PluginScaffold: Sendable {
    public static let kinds = ["provider", "connector", "check"]
    public static let languages = ["c", "swift", "rust"]

    /// What is asked for.
    public struct Order: Sendable {
        public let kind: String
        public let language: String
        public let name: String
        public let publisher: String
        /// Where the new folder goes; it is named as the plugin.
        public let folder: String

        public init(kind: String, language: String, name: String, publisher: String, folder: String) {
            self.kind = kind
            self.language = language
            self.name = name
            self.publisher = publisher
            self.folder = folder
        }

        /// For example `acme.long_text`.
        public var id: String { "\(publisher).\(name)" }
    }

    /// `share/sluice/sdk` of the installation.
    public let sdk: String

    /// Finds the SDK: `$SLUICE_SDK`, else beside the program.
    ///
    /// - Throws: `sdk.missing` when there is none, or it has no templates.
    public init(_ context: Context) throws(SluiceError) {
        if let named = context.environment["SLUICE_SDK"], !named.isEmpty {
            sdk = named
        } else {
            let program = Files.resolved("/proc/self/exe") ?? "/usr/bin/sluice"
            sdk = Files.folder(of: Files.folder(of: program)) + "/share/sluice/sdk"
        }
        guard Files.isDirectory(sdk + "/templates") else {
            throw SluiceError(.sdkMissing, "There is no SDK at \(sdk).")
        }
    }

    /// Where things of the SDK lie: `{"sdk","include","exports","c","swift","rust","templates"}`.
    public var places: JSON {
        [
            "sdk": .string(sdk), "include": .string(sdk + "/include"), "exports": .string(sdk + "/exports.map"),
            "c": .string(sdk + "/c"), "swift": .string(sdk + "/swift"), "rust": .string(sdk + "/rust"),
            "templates": .string(sdk + "/templates"),
        ]
    }

    /// Makes the folder, whole or not at all: `{"plugin","kind","language","folder","files"}`.
    ///
    /// - Throws: `usage` for a name or a publisher that no id can have, and for a folder that is there already;
    ///   `sdk.missing`; `file.failed`.
    public func make(_ order: Order) throws(SluiceError) -> JSON {
        try Self.check(order)
        let place = order.folder + "/" + order.name
        var information = stat()
        guard lstat(place, &information) != 0 else {
            throw SluiceError(
                .usage, "\(place) is there already; nothing was written.",
                hint: "Choose another NAME, or another --dir.")
        }
        let template = "\(sdk)/templates/\(order.language)/\(order.kind)"
        let names = try Self.files(below: template).sorted()
        guard !names.isEmpty else { throw SluiceError(.sdkMissing, "The SDK has no template at \(template).") }
        let unfinished = "\(order.folder)/.\(order.name).\(getpid()).tmp"
        var written: [String] = []
        do throws(Files.Failure) {
            try Files.makeFolder(order.folder, mode: 0o755)
            for name in names {
                let bytes = try Files.read("\(template)/\(name)", limit: 1 << 20)
                let text = Self.replaced(String(decoding: bytes, as: UTF8.self), order)
                let own = Self.replaced(name, order)
                let path = "\(unfinished)/\(own)"
                try Files.makeFolder(Files.folder(of: path), mode: 0o755)
                try Files.writeAtomically(Array(text.utf8), to: path, mode: 0o644)
                written.append(own)
            }
            guard rename(unfinished, place) == 0 else {
                throw Files.Failure(call: "rename", path: place, errno: errno)
            }
        } catch {
            for name in written { unlink("\(unfinished)/\(name)") }
            for name in written { rmdir(Files.folder(of: "\(unfinished)/\(name)")) }
            rmdir(unfinished)
            throw error.asError
        }
        return [
            "plugin": .string(order.id), "kind": .string(order.kind), "language": .string(order.language),
            "folder": .string(place), "files": .array(written.map { .string($0) }),
        ]
    }

    // MARK: Names

    /// Lower-case letters, digits and `_`, a letter first: what file names, symbols and ids of plugins all take.
    private static func isName(_ word: String, most: Int) -> Bool {
        let bytes = Array(word.utf8)
        guard let first = bytes.first, bytes.count <= most else { return false }
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return letters.contains(first)
            && bytes.allSatisfy { letters.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "_") }
    }

    private static func check(_ order: Order) throws(SluiceError) {
        let rule = "a–z, 0–9 and _, a letter first"
        guard isName(order.name, most: 40) else {
            throw SluiceError(
                .usage, "NAME must be 1 to 40 of \(rule), such as long_text.", hint: "See `sluice help plugin new`.")
        }
        guard isName(order.publisher, most: 20) else {
            throw SluiceError(
                .usage, "--publisher must be 1 to 20 of \(rule), such as acme.", hint: "See `sluice help plugin new`.")
        }
        guard order.publisher != "sluice" else {
            throw SluiceError(
                .usage, "The publisher sluice is this project's: ids of its plugins begin so.",
                hint: "Give another --publisher.")
        }
        // The parser lets no others through; a caller in code may.
        guard kinds.contains(order.kind), languages.contains(order.language) else {
            throw SluiceError(
                .usage,
                "There are templates for \(kinds.joined(separator: ", ")) in \(languages.joined(separator: ", ")).",
                hint: "See `sluice help plugin new`.")
        }
    }

    /// `long_text` as `LongText`: names of libraries. That of a Swift module is `LongTextPlugin` (plugin.mk), because
    /// `swift` and `glibc` are names of plugins too.
    static func module(_ name: String) -> String {
        name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private static func replaced(_ text: String, _ order: Order) -> String {
        let words = [
            ("ID", order.id), ("NAME", order.name), ("MODULE", module(order.name)),
            ("SYMBOL", order.id.split(separator: ".").joined(separator: "_")), ("PUBLISHER", order.publisher),
        ]
        // No replacement holds an @, so none is replaced again.
        return words.reduce(text) { text, word in
            text.split(separator: "@\(word.0)@", omittingEmptySubsequences: false).joined(separator: word.1)
        }
    }

    /// Paths of the regular files below a folder, relative to it.
    private static func files(below folder: String, _ prefix: String = "") throws(SluiceError) -> [String] {
        let names: [String]
        do { names = try Files.list(folder + "/" + prefix) } catch {
            throw SluiceError(.sdkMissing, "The SDK has no template at \(folder).")
        }
        var found: [String] = []
        for name in names {
            let path = prefix + name
            if Files.isDirectory("\(folder)/\(path)") {
                found += try files(below: folder, path + "/")
            } else {
                found.append(path)
            }
        }
        return found
    }
}
