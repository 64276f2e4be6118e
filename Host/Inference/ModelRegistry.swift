public import Foundations
internal import PluginHost

/// The models that can be asked: those of `registry/models`, with what the home adds or replaces.
public struct ModelRegistry: Sendable, Equatable {
    /// By provider, then by id.
    public let entries: [ModelEntry]

    /// - Throws: `inference.registry` for a name that stands for two models of one provider.
    public init(_ entries: [ModelEntry]) throws(SluiceError) {
        var seen: Set<String> = []
        for entry in entries {
            for name in entry.names where !seen.insert("\(entry.provider):\(name)").inserted {
                throw SluiceError(.modelRegistry, "The models have \(entry.provider):\(name) twice.")
            }
        }
        self.entries = entries.sorted { ($0.provider, $0.id) < ($1.provider, $1.id) }
    }

    /// Reads every `*.json` of a folder, then of the home's.
    ///
    /// A model of the home with the id of one that is there replaces it, with all that is said of it; any other is added.
    /// - Parameters:
    ///   - folder: `registry/models`.
    ///   - home: `HOME/models`; one that is not there adds nothing.
    /// - Throws: `inference.registry` with every mistake of a file by its JSON pointer, and for a name that is there twice.
    public init(folder: String, home: String? = nil) throws(SluiceError) {
        let shipped = try Self.read(folder)
        _ = try ModelRegistry(shipped)
        var byTag: [String: ModelEntry] = [:]
        for entry in shipped { byTag[entry.tag] = entry }
        if let home, Files.isDirectory(home) {
            let own = try Self.read(home)
            _ = try ModelRegistry(own)
            for entry in own { byTag[entry.tag] = entry }
        }
        try self.init(byTag.values.sorted { $0.tag < $1.tag })
    }

    private static func read(_ folder: String) throws(SluiceError) -> [ModelEntry] {
        let names: [String]
        do { names = try Files.list(folder) } catch {
            throw SluiceError(.modelRegistry, "The models at \(folder) cannot be read: \(error.reason).")
        }
        var entries: [ModelEntry] = []
        for name in names.sorted() where name.hasSuffix(".json") {
            let bytes: [UInt8]
            do { bytes = try Files.read("\(folder)/\(name)", limit: 8 << 20) } catch {
                throw SluiceError(.modelRegistry, "\(folder)/\(name) cannot be read: \(error.reason).")
            }
            entries += try self.entries(bytes, name: "models/\(name)")
        }
        return entries
    }

    /// The models of one document.
    ///
    /// - Parameter name: of the document, for messages.
    /// - Throws: `inference.registry`.
    public static func entries(_ bytes: [UInt8], name: String) throws(SluiceError) -> [ModelEntry] {
        let document: JSON
        do { document = try JSONParser.parse(bytes, name: name) } catch {
            throw SluiceError(.modelRegistry, error.message)
        }
        let mistakes = MistakeList()
        let reader = JSONReader(document, mistakes: mistakes)
        if let version = reader.int("registry_version"), version != 1 {
            reader.mistake("registry_version", "1 is expected")
        }
        let provider = reader.text("provider") ?? ""
        if !provider.isEmpty, !isProvider(provider) { reader.mistake("provider", "is no name of a provider") }
        if let currency = reader.string("currency"), currency != "USD" {
            reader.mistake("currency", "USD is expected: budgets are in US dollars")
        }
        let asOf = reader.string("as_of") ?? ""
        if !isDate(asOf) { reader.mistake("as_of", "a day is expected, as 2026-11-21") }
        _ = reader.text("source")
        let entries = reader.objects("models").compactMap { ModelEntry($0, provider: provider, asOf: asOf) }
        reader.finish()
        try mistakes.raise(.modelRegistry, name)
        return entries
    }

    private static func isProvider(_ text: String) -> Bool {
        text.utf8.count <= 64
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "._-".utf8.contains(byte)
            }
    }

    private static func isDate(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2, parts[2].utf8.count == 2,
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), year > 0
        else { return false }
        let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (1...12).contains(month) && (1...days[month - 1]).contains(day)
    }

    // MARK: Asking

    /// The models of one provider, by id.
    public func models(of provider: String) -> [ModelEntry] { entries.filter { $0.provider == provider } }

    /// A model by one of its names.
    ///
    /// - Parameters:
    ///   - name: `provider:model`, or a model's name where `provider` is given or one provider alone has it.
    ///   - provider: whose; nil for any.
    /// - Throws: `inference.model` that names the nearest three, and for a name that several providers have.
    public func model(_ name: String, provider: String? = nil) throws(SluiceError) -> ModelEntry {
        let found = entries.filter { entry in
            (provider == nil || entry.provider == provider)
                && (entry.names.contains(name)
                    || (provider == nil && entry.names.contains { "\(entry.provider):\($0)" == name }))
        }
        if found.count == 1 { return found[0] }
        let shown = name.utf8.count <= 128 ? name : "\(name.prefix(100))…"
        let tag = provider.map { "\($0):\(shown)" } ?? shown
        guard found.isEmpty else {
            throw SluiceError(
                .inferenceModel, "Several providers have a model \(shown).",
                hint: "Say which: \(found.map(\.tag).joined(separator: ", ")).")
        }
        let near = nearest(shown, provider: provider)
        throw SluiceError(
            .inferenceModel,
            "There is no model \(tag)"
                + (near.isEmpty ? "." : "; the nearest are \(near.joined(separator: ", "))."))
    }

    /// The tags of the three models whose names differ least from a word, the nearest first; ties by tag.
    public func nearest(_ word: String, provider: String? = nil) -> [String] {
        let wanted = word.lowercased()
        let ranked = entries.filter { provider == nil || $0.provider == provider }.map { entry in
            let distance = entry.names.flatMap { [$0, "\(entry.provider):\($0)"] }.map { name in
                JSONReader.distance(wanted, name.lowercased())
            }.min()
            return (distance: distance ?? .max, tag: entry.tag)
        }
        return ranked.sorted { ($0.distance, $0.tag) < ($1.distance, $1.tag) }.prefix(3).map(\.tag)
    }
}
